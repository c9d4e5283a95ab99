"""The buyer's ways to pay: kept, added, verified, named, ended; and what was agreed to."""
