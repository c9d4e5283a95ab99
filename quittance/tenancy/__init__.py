"""Knows for whom we are working right now."""
