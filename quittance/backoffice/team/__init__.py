"""Who works in the back office, and what each role may do there."""
