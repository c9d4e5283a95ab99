"""Shows to others that what was remembered is whole."""
