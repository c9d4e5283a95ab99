"""Where staff begin to look as a customer, and who did lately."""
