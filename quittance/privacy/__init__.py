"""Knows where people are named and for how long, tells them, and lets go of it."""
