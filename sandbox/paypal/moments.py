"""How PayPal writes moments, and reads them."""

from __future__ import annotations

from datetime import UTC, datetime

from sandbox.paypal.errors import invalid


def iso(moment: float) -> str:
    """Write a moment: ``2026-03-01T09:30:00Z``; PayPal shows whole seconds."""
    return datetime.fromtimestamp(int(moment), UTC).isoformat()[:-6] + "Z"


def exact(moment: float) -> str:
    """Write a moment with its microseconds, as the report shows it."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def read(text: str | None, field: str) -> float:
    """Read a moment with its zone, in seconds since 1970. Raises ``ApiError``."""
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise invalid("INVALID_PARAMETER_SYNTAX", field)
    return moment.timestamp()
