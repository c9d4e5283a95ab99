"""What everybody did, on one page."""
