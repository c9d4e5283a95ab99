"""A buyer's statement of account: a page, a PDF and a table that say the same."""
