"""Speaks every gateway's language."""
