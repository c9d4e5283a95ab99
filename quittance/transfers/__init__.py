"""Tells payers how to pay by bank transfer, and finds out for which invoices the money came."""
