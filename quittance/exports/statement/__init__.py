"""Statements over years: asked for, made by a worker, taken away."""
