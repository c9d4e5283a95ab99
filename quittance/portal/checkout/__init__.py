"""Three steps from chosen invoices to the payment provider."""
