"""Every payment of the organization, and one with all that hangs on it."""
