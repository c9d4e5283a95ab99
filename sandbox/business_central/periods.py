"""Date formulas of the aging periods: 30D, 2W, 1M, and what they mean counted back from a day."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

_LENGTH = re.compile(r"(\d{1,4})([DWMQY])")
_PLAIN = re.compile(r"\d{1,4}[DWMQY]|\d{4}-\d\d-\d\d|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MONTHS = {"M": 1, "Q": 3, "Y": 12}


def is_plain(text: str) -> bool:
    """Whether a text is a date, an id, or a formula that this sandbox reads."""
    return _PLAIN.fullmatch(text) is not None


def before(day: str, length: str) -> str:
    """The day that lies one period before a day. Raises ``ValueError`` for another formula."""
    match = _LENGTH.fullmatch(length)
    if match is None:
        raise ValueError(length)
    count, unit = int(match[1]), match[2]
    start = date.fromisoformat(day)
    if unit in _MONTHS:
        return _months_before(start, count * _MONTHS[unit]).isoformat()
    return (start - timedelta(days=count * (7 if unit == "W" else 1))).isoformat()


def _months_before(day: date, months: int) -> date:
    place = day.year * 12 + day.month - 1 - months
    year, month = divmod(place, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def short(day: str) -> str:
    """A date as ``Format`` writes it for a session in US English: 08/13/26."""
    return f"{day[5:7]}/{day[8:10]}/{day[2:4]}"
