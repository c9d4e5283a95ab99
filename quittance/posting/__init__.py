"""Tells the ERP about money, once, and remembers what it said."""
