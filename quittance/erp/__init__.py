"""Speaks every ERP's language."""
