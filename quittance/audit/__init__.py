"""Remembers who did what."""
