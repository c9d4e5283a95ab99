"""Hears from a company's directory, by SCIM 2.0, who joins, moves and leaves."""
