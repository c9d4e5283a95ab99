"""Passwords of the tests: Argon2id as everywhere, at the least cost."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class Cheap(Argon2PasswordHasher):
    """What a hash costs is the product's matter; ``tests/identity/test_hashing.py`` shows it."""

    time_cost, memory_cost, parallelism = 1, 8, 1
