"""The list of invoices, an invoice, and the choice of what to pay."""
