"""Who acts for a customer account, and what each role may do there."""
