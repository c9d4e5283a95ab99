"""Histories: the portal's own code on a real PostgreSQL, all around it faulted, by a seed."""
