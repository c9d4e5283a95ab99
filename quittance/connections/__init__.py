"""Keeps the keys to outside systems."""
