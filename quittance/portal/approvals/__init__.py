"""Payments that another person of the customer sees first: asked for, decided, and the rule."""
