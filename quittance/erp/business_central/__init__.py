"""Speaks the language of Business Central's API v2.0."""
