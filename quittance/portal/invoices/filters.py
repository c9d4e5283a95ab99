"""What the buyer wants to see of the list, as the address says it."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.utils.translation import gettext_noop as noop

# Key -> its word; the list shows them in this order.
TABS: Final = {
    "open": noop("Open"),
    "overdue": noop("Overdue"),
    "soon": noop("Due soon"),
    "disputed": noop("Disputed"),
    "paid": noop("Paid"),
    "all": noop("All"),
}
DUE: Final = {
    "": noop("Any due date"),
    "late": noop("Already late"),
    "7": noop("In the next 7 days"),
    "30": noop("In the next 30 days"),
}
# Key of a sort -> the invoice's field.
SORTS: Final = {
    "due": "due_date",
    "issued": "issued_date",
    "number": "number",
    "open": "open_minor",
}
_SAID: Final = ("tab", "q", "due", "currency", "sort", "after", "before")  # in an address
_LONGEST: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """One view of the list. Whatever an address holds that we do not know is left out."""

    tab: str = "open"
    q: str = ""
    due: str = ""
    currency: str = ""
    sort: str = "due"
    after: str = ""  # a place in the order: rows behind it
    before: str = ""  # rows in front of it
    locale: str = "en_US"  # of the reader: how an amount in ``q`` is written

    @property
    def field(self) -> str:
        """The invoice's field that the rows are ordered by."""
        return SORTS[self.sort.removeprefix("-")]

    @property
    def descending(self) -> bool:
        """Whether the largest come first."""
        return self.sort.startswith("-")

    @property
    def active(self) -> bool:
        """Whether something besides the tab narrows the list."""
        return bool(self.q or self.due or self.currency)

    @property
    def query(self) -> str:
        """The filters without the place, as they stand in an address."""
        return _query({**self._said(), "after": "", "before": ""})

    def address(self, path: str, **changes: str) -> str:
        """Return the address of this view with ``changes``; a change begins at the first page."""
        said = {**self._said(), "after": "", "before": "", **changes}
        if "tab" in changes and "sort" not in changes:
            said["sort"] = usual_sort(changes["tab"])
        query = _query(said)
        return f"{path}?{query}" if query else path

    def _said(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in _SAID}


def _query(said: Mapping[str, str]) -> str:
    """Return what an address has of these: what is as usual is left out."""
    usual = {"tab": "open", "sort": usual_sort(said["tab"])}
    return urlencode({name: text for name, text in said.items() if text != usual.get(name, "")})


def usual_sort(tab: str) -> str:
    """Return the order of a tab: what is owed by due date, what was by the newest first."""
    return "-issued" if tab in {"paid", "all"} else "due"


def read_filters(query: Mapping[str, str], locale: str = "en_US") -> Filters:
    """Read an address's query, for a reader who writes amounts as ``locale`` does."""

    def known(name: str, choices: object, default: str) -> str:
        value = query.get(name, default)
        return value if value in choices else default  # type: ignore[operator]

    tab = known("tab", TABS, "open")
    sort = query.get("sort", "")
    currency = query.get("currency", "")
    return Filters(
        tab=tab,
        q=query.get("q", "").replace("\0", "").strip()[:_LONGEST],
        due=known("due", DUE, ""),
        currency=currency if len(currency) == 3 and currency.isalpha() else "",
        sort=sort if sort.removeprefix("-") in SORTS else usual_sort(tab),
        after=query.get("after", "")[:200],
        before=query.get("before", "")[:200],
        locale=locale,
    )


def place_of(value: object, row_id: object) -> str:
    """Return the place of a row in the order, for an address."""
    text = json.dumps([str(value), str(row_id)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_place(place: str) -> tuple[str, str] | None:
    """Return the value and the id that ``place_of`` was given; ``None`` for anything else."""
    try:
        text = base64.urlsafe_b64decode(place + "=" * (-len(place) % 4))
        value, row_id = json.loads(text)
    except (binascii.Error, ValueError, TypeError):
        return None
    if not isinstance(value, str) or not isinstance(row_id, str):
        return None
    if any(each == "\0" or "\ud800" <= each <= "\udfff" for each in value + row_id):
        return None  # JSON can say them, PostgreSQL's text cannot hold them
    return value, row_id
