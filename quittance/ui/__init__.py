"""Looks and sounds the same everywhere."""
