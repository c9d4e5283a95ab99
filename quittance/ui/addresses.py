"""Addresses of our pages, each found once: every page names some forty, mostly the same."""

from __future__ import annotations

from functools import lru_cache

from django.urls import reverse


def address(name: str, **arguments: object) -> str:
    """Return what Django's ``reverse`` does; ``arguments`` are what the address is filled with."""
    return _address(name, tuple(arguments.items()))


@lru_cache(maxsize=4096)
def _address(name: str, arguments: tuple[tuple[str, object], ...]) -> str:
    return reverse(name, kwargs=dict(arguments))
