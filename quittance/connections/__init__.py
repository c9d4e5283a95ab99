"""Keeps the keys to outside systems; the only room that decrypts."""
