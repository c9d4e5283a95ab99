"""Knows which ways to pay a customer keeps, and what he agreed to."""
