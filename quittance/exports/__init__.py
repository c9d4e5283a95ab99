"""Makes files of many documents, for the one who asked, and keeps them for a day."""
