"""Tells subscribers what changed: handshake, gathering, sending, sending again."""
