"""A buyer's credit notes, and money that pays no invoice yet."""
