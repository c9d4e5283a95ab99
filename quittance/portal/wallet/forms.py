"""Reads what a buyer types about a method."""

from __future__ import annotations

import calendar
import re
from datetime import date
from typing import Final
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext as _

from quittance.core.errors import RuleBroken
from quittance.portal.agreements import KINDS

_MONTH: Final = re.compile(r"\s*(\d{1,2})\s*[/.-]\s*(\d{2}|\d{4})\s*")


class NotAMonth(RuleBroken):
    """Write the month as it stands on the card, like 03/28."""


def read_month(text: str) -> date:
    """Return the last day of a card's month. Raises ``NotAMonth``."""
    found = _MONTH.fullmatch(text[:20])
    if not found or not text.isascii():
        raise NotAMonth
    month, year = int(found[1]), int(found[2])
    year += 2000 if year < 100 else 0
    if not 1 <= month <= 12 or not 2000 <= year < 2100:
        raise NotAMonth
    return date(year, month, calendar.monthrange(year, month)[1])


def kind(text: str) -> str:
    """Return the chosen word of ``KINDS``. Raises ``Http404`` for any other."""
    if text not in KINDS:
        raise Http404
    return text


def key(text: str) -> UUID:
    """Return the form's key. Raises ``Http404`` for what no page of ours sent."""
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


def tries_left(left: int | None) -> str:
    """Return what follows from a wrong proof."""
    if left is None:
        return _("That is not what was sent. Look at the statement once more.")
    if left == 1:
        return _("That is not what was sent. One try is left: look at the statement first.")
    return _(
        "That is not what was sent. Look at the statement once more; %(count)s tries left."
    ) % {"count": left}
