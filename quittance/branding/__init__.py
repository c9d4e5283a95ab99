"""Knows how an organization looks."""
