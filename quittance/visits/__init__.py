"""Lets staff look at the portal as a customer sees it, and writes down that they did."""
