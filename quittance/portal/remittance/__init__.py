"""A list of what to pay, uploaded or pasted, becomes a checkout; every line is explained."""
