"""Stands in for GoCardless: billing requests, mandates and debits, in memory."""
