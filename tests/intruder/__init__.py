"""Somebody tries every door with every key: see __main__.py."""
