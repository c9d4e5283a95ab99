"""Lets the customers of an organization on Dynamics 365 see what they owe and pay it."""
