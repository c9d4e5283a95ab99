"""What a buyer says is wrong of an invoice, and what the seller answers."""
