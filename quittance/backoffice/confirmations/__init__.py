"""The queue of what one of the seller's people asked for and another is to confirm."""
