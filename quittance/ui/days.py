"""Days and moments as people read them; machines read ``<time datetime>``."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date as babel_date
from babel.dates import format_skeleton
from babel.dates import format_time as babel_time
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


@lru_cache(maxsize=4096)
def format_day(day: date, locale: str) -> str:
    """Return "Mar 15, 2026"; never with figures and strokes alone, which two people read as two."""
    pattern = Locale.parse(locale).date_formats["medium"].pattern
    if "/" in pattern or "-" in pattern:
        return format_skeleton("yMMMd", day, locale=locale)
    return babel_date(day, "medium", locale=locale)


@lru_cache(maxsize=4096)
def format_long_day(day: date, locale: str) -> str:
    """Return "March 15, 2026"."""
    return babel_date(day, "long", locale=locale)


@lru_cache(maxsize=4096)
def format_clock(moment: datetime, locale: str, zone: str, *, seconds: bool = False) -> str:
    """Return "2:05 PM" in ``zone``."""
    length = "medium" if seconds else "short"
    return babel_time(moment, length, tzinfo=ZoneInfo(zone), locale=locale)


def day_of(moment: datetime, zone: str) -> date:
    """Return the day that ``moment`` falls on in ``zone``."""
    return moment.astimezone(ZoneInfo(zone)).date()


def due_hint(due: date, today: date) -> str:
    """Return "in 3 days", "today" or "12 days late"."""
    days = (due - today).days
    if days == 0:
        return _("today")
    if days > 0:
        return ngettext("in %(days)s day", "in %(days)s days", days) % {"days": days}
    return ngettext("%(days)s day late", "%(days)s days late", -days) % {"days": -days}


def age(then: datetime, now: datetime) -> str:
    """Return "just now", "5 minutes ago", "3 hours ago" or "2 days ago"."""
    minutes = int((now - then).total_seconds() // 60)
    if minutes < 1:
        return _("just now")
    if minutes < 60:
        return ngettext("%(n)s minute ago", "%(n)s minutes ago", minutes) % {"n": minutes}
    hours = minutes // 60
    if hours < 48:
        return ngettext("%(n)s hour ago", "%(n)s hours ago", hours) % {"n": hours}
    days = hours // 24
    return ngettext("%(n)s day ago", "%(n)s days ago", days) % {"n": days}
