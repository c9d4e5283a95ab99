"""Money goes back to a payer: a form, a page that says what will happen, and the act."""
