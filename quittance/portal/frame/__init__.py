"""What surrounds every page: the look, the theme, the account."""
