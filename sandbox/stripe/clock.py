"""Moments as Stripe writes them."""

from __future__ import annotations

from sandbox.serving.clock import now


def stamp() -> int:
    """Return this moment in whole seconds since 1970."""
    return int(now())
