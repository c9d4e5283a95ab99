"""A buyer's orders: what is on its way, and which invoices came of it."""
