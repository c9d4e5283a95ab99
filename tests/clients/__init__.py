"""Clients of Business Central that others wrote, unchanged but for their base address."""
