"""What the overview's template names: figures with their addresses, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from quittance.core.clock import today
from quittance.core.money import Money, total
from quittance.disputes.held import Held
from quittance.portal.access import Account, BuyerRequest
from quittance.portal.checkout.methods import method_of
from quittance.portal.invoices.rows import Row, rows_of
from quittance.portal.overview.records import DISPUTED, IN_FLIGHT, Standing
from quittance.portal.payments.rows import status_of, what_it_pays
from quittance.receivables.aging import BUCKETS, SOON, Figure, Position
from quittance.ui.pages import locale_for

# What each figure is called; the page that explains it says the same.
NAMES: Final = {
    "balance": noop("Balance after credits"),
    "open": noop("Open invoices"),
    "overdue": noop("Overdue"),
    "soon": noop("Due in 7 days"),
    "later": noop("Due later"),
    "current": noop("Not yet due"),
    "late_30": noop("1 to 30 days late"),
    "late_60": noop("31 to 60 days late"),
    "late_90": noop("61 to 90 days late"),
    "older": noop("More than 90 days late"),
    "credit": noop("Open credits"),
    "credit_note": noop("Credit notes"),
    "payment": noop("Unapplied money"),
}
_TONES: Final = {"overdue": "bad", "soon": "warn", "later": "accent"}
_LISTED: Final = {"overdue", "soon"}  # tabs of the list that show the same invoices
_NAMED: Final = 3  # overdue invoices that are named


class Named(NamedTuple):
    """One figure with its name and the page that explains it."""

    key: str
    name: str
    number: int
    amount: Money
    address: str
    percent: str = "0"  # of all that is open
    tone: str = ""
    list: str = ""  # the same invoices in the list, where it has them as one tab


class Bar(NamedTuple):
    """One piece of the bar, in percent of its width."""

    cls: str
    x: str
    width: str


class PayNow(NamedTuple):
    """What the page asks for. Without ``ids`` the button leads to a list instead."""

    words: str  # "overdue", "soon" or ""
    amount: Money
    ids: Sequence[UUID]
    number: int


def why_address(key: str, currency: str) -> str:
    """Return the address of the page that explains a figure of the chosen account."""
    return f"{reverse('portal:why')}?{urlencode({'what': key, 'currency': currency})}"


def overview_context(request: BuyerRequest, found: Standing) -> dict[str, Any]:
    """Return what ``portal/overview/overview.html`` names."""
    account, locale = request.account, locale_for(request)
    own = [each for each in found.positions if each.account_id == account.id]
    day = today(account.zone)
    rows = rows_of(found.first_due.rows, account=account, today=day, locale=locale)
    pay = _pay_now(own, rows, found.held, today=day, more=bool(found.first_due.after))
    return {
        "positions": [_position(each) for each in own],
        "pays_in": _pays_in(own, pay),
        "codes": len({each.currency for each in found.positions}) > 1,
        "pay": pay,
        "late": [each for each in rows if each.due < day][:_NAMED],
        "late_number": sum(each.figure("overdue").number for each in own),
        "payments": [_payment(each) for each in found.payments],
        "others": _others(account, request.accounts, found.positions),
        "accounts": request.accounts,
        "account": account,
        "freshness": account,
    }


def accounts_context(accounts: Sequence[Account], positions: Sequence[Position]) -> dict[str, Any]:
    """Return what ``portal/overview/accounts.html`` names: rows, and sums by currency."""
    rows = [
        {"account": account, "currency": each.currency, "figures": _figures([each])}
        for account in accounts
        for each in positions
        if each.account_id == account.id
    ]
    quiet = {each.id for each in accounts} - {each.account_id for each in positions}
    currencies = sorted({each.currency for each in positions})
    return {
        "rows": rows,
        "quiet": [each for each in accounts if each.id in quiet],
        "sums": [
            (code, _figures([p for p in positions if p.currency == code])) for code in currencies
        ],
        "codes": len(currencies) > 1,
        "as_of": min((each.as_of for each in accounts if each.as_of), default=None),
    }


def _figures(some: Sequence[Position]) -> dict[str, Money]:
    zero = Money(0, some[0].currency)
    named = {key: sum((p.money(key) for p in some), zero) for key in ("open", "overdue", "credit")}
    return {**named, "balance": sum((p.balance for p in some), zero)}


def _position(position: Position) -> dict[str, Any]:
    whole = position.figure("open").minor
    names = ("open", "overdue", "soon", "later", *BUCKETS, "credit_note", "payment")
    named = {each: _named(position, each, whole) for each in names}
    return {
        "currency": position.currency,
        "open": named["open"],
        "parts": [named[each] for each in _TONES],
        "bars": _bars([named[each] for each in _TONES]),
        "buckets": [named[each] for each in BUCKETS],
        "credits": [named[each] for each in ("credit_note", "payment") if named[each].number],
        "balance": position.balance,
        "why_balance": why_address("balance", position.currency),
        "in_flight": position.money(IN_FLIGHT),
        "disputed": position.money(DISPUTED),
        "disputed_list": f"{reverse('portal:invoices')}?tab=disputed",
    }


def _named(position: Position, key: str, whole: int) -> Named:
    found: Figure = position.figure(key)
    only = {"tab": key, "currency": position.currency}
    return Named(
        key=key,
        name=_(NAMES[key]),
        number=found.number,
        amount=position.money(key),
        address=why_address(key, position.currency),
        percent=_percent(found.minor, whole),
        tone=_TONES.get(key, ""),
        list=f"{reverse('portal:invoices')}?{urlencode(only)}" if key in _LISTED else "",
    )


def _percent(part: int, whole: int) -> str:
    """Return "12.3" out of whole numbers; nothing that is there looks like nothing."""
    if part <= 0 or whole <= 0:
        return "0"
    return f"{max(1, min(1000, (part * 2000 + whole) // (whole * 2))) / 10:g}"


def _bars(parts: Sequence[Named]) -> list[Bar]:
    """Lay the parts side by side with a gap of 0.4 between them; each is at least 1 wide."""
    shown = [each for each in parts if float(each.percent) > 0]
    widths = [max(1.0, float(each.percent)) for each in shown]
    room = 100 - 0.4 * (len(shown) - 1)
    bars, x = [], 0.0
    for each, share in zip(shown, widths, strict=True):
        width = share * room / sum(widths)
        cls = {"bad": "a", "warn": "b"}.get(each.tone, "c")
        bars.append(Bar(cls, f"{x:.2f}", f"{width:.2f}"))
        x += width + 0.4
    return bars


def _pay_now(
    own: Sequence[Position],
    rows: Sequence[Row],
    held: Mapping[UUID, Held],
    *,
    today: date,
    more: bool,
) -> PayNow | None:
    """Return what is most urgent and can be paid; one payment has one currency.

    What is disputed is left out, by the organization's rule.

    ``rows`` are the earliest by due date; with ``more`` there are others behind them.
    """
    late = [each for each in rows if each.due < today]
    soon = [each for each in rows if today <= each.due <= today + SOON]
    for words, due in (("overdue", late), ("soon", soon)):
        wanted = [each for each in due if each.payable and _asked_for(each, held).minor]
        if not wanted:
            continue
        currency = wanted[0].free.currency
        some = [each for each in wanted if each.free.currency == currency]
        return PayNow(
            words=words,
            amount=total((_asked_for(each, held) for each in some), currency),
            ids=[] if more and due[-1] is rows[-1] else [each.id for each in some],
            number=sum(each.figure(words).number for each in own),
        )
    return None


def _asked_for(row: Row, held: Mapping[UUID, Held]) -> Money:
    found = held.get(row.id)
    minor = found.suggested_minor(row.free.minor) if found else row.free.minor
    return Money(minor, row.free.currency)


def _pays_in(own: Sequence[Position], pay: PayNow | None) -> str:
    """Return the currency whose position has the button: one with something open."""
    open_ = [each.currency for each in own if each.figure("open").number]
    return pay.amount.currency if pay else next(iter(open_), "")


def _payment(payment: Any) -> dict[str, Any]:
    return {
        "address": reverse("portal:payment", kwargs={"payment_id": payment.pk}),
        "what": what_it_pays(payment),
        "at": payment.created_at,
        "how": payment.method_label or method_of(payment.method).title,
        "status": status_of(payment),
        "amount": payment.amount,
    }


def _others(
    account: Account, accounts: Sequence[Account], positions: Sequence[Position]
) -> list[dict[str, Any]]:
    """Return the person's other accounts with what is open in each; the reader may go there."""
    return [
        {
            "account": each,
            "sums": [
                (position.money("open"), position.money("overdue"))
                for position in positions
                if position.account_id == each.id and position.figure("open").number
            ],
        }
        for each in accounts
        if each.id != account.id
    ]
