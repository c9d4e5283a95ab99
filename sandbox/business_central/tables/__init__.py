"""Where the properties of entities come from, by the part of the business they belong to."""
