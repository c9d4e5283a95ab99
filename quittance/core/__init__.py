"""The words that everybody shares: money, currencies, ids, the clock, the errors."""
