"""Draws documents on paper: PDF by Typst, with our own font embedded."""
