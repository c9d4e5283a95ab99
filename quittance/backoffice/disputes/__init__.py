"""What buyers dispute of invoices: the list, one with its conversation, and the rules."""
