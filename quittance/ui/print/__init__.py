"""Draws documents on paper: PDF by Typst, with our own fonts embedded."""
