"""Domains that the organization proves as its own, and the host that links in mails lead to."""
