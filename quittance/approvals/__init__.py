"""Keeps which payments a second person of the customer must see first, and whether one did."""
