"""The gateway's clock, and how it writes a moment."""

from __future__ import annotations

from datetime import UTC, datetime

from sandbox.serving.clock import LONGEST, ahead, now, set_ahead, true_now

__all__ = ["LONGEST", "ahead", "iso", "now", "set_ahead", "true_now"]


def iso(moment: float | None) -> str | None:
    """Write a moment as the API shows it: ``2026-03-01T09:30:00.123Z``."""
    if moment is None:
        return None
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
