"""Lets a buyer see what is owed and pay it."""
