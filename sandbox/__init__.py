"""Stands in for the world outside: servers of their own that import nothing of the portal."""
