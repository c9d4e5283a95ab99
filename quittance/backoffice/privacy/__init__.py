"""What is kept of one person: told, and erased."""
