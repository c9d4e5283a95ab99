"""Pay links: made for a customer's invoices, listed, revoked."""
