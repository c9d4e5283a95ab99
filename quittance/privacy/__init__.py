"""Knows how long what is known of people is kept, and lets go of it."""
