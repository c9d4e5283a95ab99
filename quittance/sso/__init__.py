"""Lets in whom a company's identity provider vouches for, and out whom its directory drops."""
