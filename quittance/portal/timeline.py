"""One event in the life of an invoice or a payment, as a page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happened, or (``todo``) what will."""

    title: str
    detail: str = ""
    at: datetime | date | None = None
    icon: str = "check"
    tone: str = "quiet"
    todo: bool = False
    address: str = ""
