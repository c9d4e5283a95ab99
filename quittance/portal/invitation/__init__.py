"""Where an invitation leads: its link, and the page on which it is accepted."""
