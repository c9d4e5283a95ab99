"""Knows what a payment may become and makes it so."""
