"""Knows where the money is."""
