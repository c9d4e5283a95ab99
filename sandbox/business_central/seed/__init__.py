"""Makes a demo company: the same one for the same seed."""
