"""Lets people ask in by what they know of an account's invoices, if the seller wants it."""
