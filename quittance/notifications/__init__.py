"""Tells people and machines what happened."""
