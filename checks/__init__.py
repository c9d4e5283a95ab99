"""Looks at the code without running it; ``make check`` runs every look and lists what failed."""
