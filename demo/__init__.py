"""Runs the whole house on one machine: for a first look, for tests and for the smoke."""
