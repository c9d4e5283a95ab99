"""What became of each payment, and its receipt."""
