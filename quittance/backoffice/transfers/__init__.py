"""The AR team's pages of the bank: what came, what was announced, and the seller's accounts."""
