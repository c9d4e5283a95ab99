"""Answers like Business Central's API v2.0, with its posting rules and its quirks."""
