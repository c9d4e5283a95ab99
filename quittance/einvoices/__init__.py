"""Writes an invoice as a structured e-invoice (EN 16931), and only if it keeps the rules."""
