"""Where a buyer stands, and why each number is what it is."""
