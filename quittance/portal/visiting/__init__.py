"""The end of a look at the portal by one of the staff, and what that look cannot open."""
