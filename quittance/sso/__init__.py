"""Lets in whom the identity provider of their own company vouches for."""
