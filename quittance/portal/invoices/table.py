"""What the list's template needs: tabs, columns, rows, pages, and words for an empty list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext_noop as noop
from django.utils.translation import ngettext

from quittance.portal.access import Account, BuyerRequest
from quittance.portal.invoices.filters import DUE, TABS, Filters
from quittance.portal.invoices.hindered import hindrance_of_currency
from quittance.portal.invoices.listing import Counts, Listing
from quittance.portal.invoices.picks import Bar
from quittance.portal.invoices.rows import rows_of
from quittance.ui.addresses import address
from quittance.ui.language import word as _
from quittance.ui.pages import locale_for

# The column's word, its class, and the key of its sort.
_COLUMNS: Final = (
    (noop("Invoice"), "c-id", "number"),
    (noop("Issued"), "mid", "issued"),
    (noop("Due"), "c-when", "due"),
    (noop("Status"), "c-status", ""),
    (noop("Total"), "n wide", ""),
    (noop("Balance"), "n c-amount", "open"),
)


class Tab(NamedTuple):
    """A tab with its address; ``number`` is ``None`` where nobody counts."""

    text: str
    address: str
    current: bool
    number: int | None
    hot: bool


class Column(NamedTuple):
    """A column's head; ``address`` sorts by it."""

    text: str
    cls: str
    address: str
    order: str  # "ascending", "descending" or ""


class Empty(NamedTuple):
    """What a list without rows says."""

    icon: str
    title: str
    text: str


def tabs_of(path: str, words: Mapping[str, str], current: str) -> list[Tab]:
    """Return tabs whose rows nobody counts; ``words`` are by the key that the address names."""
    return [
        Tab(_(word), f"{path}?tab={key}", key == current, None, False)
        for key, word in words.items()
    ]


def list_context(
    request: BuyerRequest,
    filters: Filters,
    counted: Counts,
    listing: Listing,
    bar: Bar,
    *,
    today: date,
) -> dict[str, Any]:
    """Return everything that ``portal/invoices/list.html`` names."""
    path, locale = address("portal:invoices"), locale_for(request)
    currencies = sorted({row.currency for row in listing.rows} | set(counted.open))
    picked = {each for some in bar.ids.values() for each in some}
    rows = rows_of(listing.rows, account=request.account, today=today, locale=locale, picked=picked)
    return {
        "filters": filters,
        "tabs": _tabs(filters, counted, path),
        "columns": _columns(filters, path),
        "due_choices": [(key, _(word)) for key, word in DUE.items()],
        "currencies": currencies,
        "one_currency": currencies[0] if len(currencies) == 1 else "",
        "codes": len(currencies) > 1,
        "rows": rows,
        "newer": filters.address(path, before=listing.before) if listing.before else "",
        "older": filters.address(path, after=listing.after) if listing.after else "",
        "shown": _shown(filters, counted, len(rows)),
        "matching": _matching(
            _payable(filters, counted, request.account), sum(row.payable for row in rows)
        ),
        "csv": filters.address(address("portal:invoices_csv")),
        "xlsx": filters.address(address("portal:invoices_xlsx")),
        "clear": Filters(tab=filters.tab).address(path),
        "empty": _empty(filters, request),
        "bar": bar,
        "accounts": request.accounts,
        "account": request.account,
        "freshness": request.account,
    }


def _tabs(filters: Filters, counted: Counts, path: str) -> list[Tab]:
    numbers = {
        "open": sum(counted.open.values()),
        "overdue": sum(counted.overdue.values()),
        "soon": sum(counted.soon.values()),
        "disputed": counted.in_dispute,
    }
    return [
        Tab(
            _(word), filters.address(path, tab=key), key == filters.tab, numbers.get(key),
            key == "overdue" and numbers["overdue"] > 0,
        )
        for key, word in TABS.items()
    ]  # fmt: skip


def _columns(filters: Filters, path: str) -> list[Column]:
    columns = []
    for word, cls, key in _COLUMNS:
        order = ""
        if key and filters.sort.removeprefix("-") == key:
            order = "descending" if filters.descending else "ascending"
        next_sort = f"-{key}" if order == "ascending" else key
        address = filters.address(path, sort=next_sort) if key else ""
        columns.append(Column(_(word), cls, address, order))
    return columns


def _of_tab(filters: Filters, counted: Counts) -> Mapping[str, int] | None:
    """Return how many there are by currency; ``None`` when nobody counts."""
    known = {"open": counted.open, "overdue": counted.overdue, "soon": counted.soon}
    if filters.q or filters.due or filters.tab not in known:
        return None
    found, only = known[filters.tab], filters.currency.upper()
    return {only: found.get(only, 0)} if only else found


def _shown(filters: Filters, counted: Counts, rows: int) -> str:
    whole = _of_tab(filters, counted)
    if whole is None:
        return ngettext("Showing %(rows)s", "Showing %(rows)s", rows) % {"rows": rows}
    return _("Showing %(rows)s of %(all)s") % {"rows": rows, "all": sum(whole.values())}


def _payable(filters: Filters, counted: Counts, account: Account) -> int:
    """How many nothing hinders; 0 when nobody counts."""
    held = counted.disputed.get(filters.tab, {})
    return sum(
        number - held.get(currency, 0)
        for currency, number in (_of_tab(filters, counted) or {}).items()
        if hindrance_of_currency(currency, account) is None
    )


def _matching(whole: int, on_page: int) -> int:
    """How many could be ticked at once; 0 when this page shows them all."""
    return whole if 0 < on_page < whole else 0


def _empty(filters: Filters, request: BuyerRequest) -> Empty:
    if filters.active:
        return Empty("search", _("Nothing fits"), _("Some invoices are hidden by your filters."))
    if request.account.as_of is None:
        text = _("They appear here as soon as they have been read from the accounting system.")
        return Empty("clock", _("No invoices yet"), text)
    if filters.tab == "disputed":
        text = _("Where an invoice is wrong, its page has a way to say so.")
        return Empty("message-report", _("Nothing is disputed"), text)
    if filters.tab in {"open", "overdue", "soon"}:
        return Empty(
            "circle-check", _("You owe nothing here"), _("New invoices appear by themselves.")
        )
    return Empty("file-invoice", _("No invoices yet"), _("New invoices appear by themselves."))
