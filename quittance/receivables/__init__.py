"""Mirrors what customers owe."""
