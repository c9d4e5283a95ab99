"""Keeps what a buyer disputes of an invoice, and what both sides say of it until it is over."""
