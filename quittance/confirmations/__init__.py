"""Keeps what one of the seller's people asked for and another must confirm before it counts."""
