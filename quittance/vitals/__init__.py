"""Tells the machines that watch us how we are."""
