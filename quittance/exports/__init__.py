"""Makes files that take long, for the one who asked, and keeps them for a day."""
