"""Runs later what must not run now."""
