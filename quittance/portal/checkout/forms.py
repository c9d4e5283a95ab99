"""Reads the amounts that a buyer typed, and keeps what was typed when one is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from quittance.core.errors import RuleBroken
from quittance.core.money import InexactAmount, Money
from quittance.payments.baskets import Item
from quittance.payments.models import BasketItem
from quittance.ui.amounts import format_for_input, format_money, read_amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One invoice of the form: what was typed, what it means, what is wrong with it."""

    item: Item
    typed: str
    dropped: bool
    reason: str
    amount: Money | None  # ``None`` when it is wrong
    error: str


def shown_lines(items: Sequence[Item], *, locale: str) -> list[Line]:
    """Return the form as the basket has it."""
    return [
        Line(
            item=item, typed=format_for_input(item.amount, locale), dropped=False,
            reason=item.reason, amount=item.amount, error=_changed(item, locale),
        )
        for item in items
    ]  # fmt: skip


def typed_lines(items: Sequence[Item], sent: Mapping[str, str], *, locale: str) -> list[Line]:
    """Return the form as it was sent. ``sent`` maps each field to its value."""
    return [_typed(item, sent, locale) for item in items]


def amounts_of(lines: Sequence[Line]) -> dict[UUID, tuple[Money, str]]:
    """Return what ``set_amounts`` takes, from lines without an error; zero leaves one out."""
    result = {}
    for line in lines:
        assert line.amount is not None
        amount = Money(0, line.amount.currency) if line.dropped else line.amount
        result[line.item.invoice.pk] = (amount, line.reason)
    return result


def _typed(item: Item, sent: Mapping[str, str], locale: str) -> Line:
    id_ = str(item.invoice.pk)
    typed = sent.get(f"amount-{id_}", "")[:40]
    dropped = id_ in sent.get("drop", "").split()
    reason = sent.get(f"reason-{id_}", "")
    amount, error = (item.free, "") if dropped else _read(item, typed, locale)
    return Line(
        item=item, typed=typed, dropped=dropped, amount=amount, error=error,
        reason=reason if reason in BasketItem.Reason.values else "",
    )  # fmt: skip


def _read(item: Item, typed: str, locale: str) -> tuple[Money | None, str]:
    """Return the amount, or the sentence that says how to mend it."""
    most = {"most": format_money(item.free, locale)}
    try:
        amount = read_amount(typed, item.invoice.currency, locale)
    except InexactAmount as error:
        return None, str(error)
    except RuleBroken:
        return None, _("Write an amount like %(most)s.") % most
    if amount.minor <= 0:
        return None, _("Enter an amount above zero, or leave the invoice out.")
    if amount.minor > item.free.minor:
        return None, _("Enter an amount up to %(most)s.") % most
    return amount, ""


def _changed(item: Item, locale: str) -> str:
    """Say so when less is free than the basket holds; the amount is never changed in silence."""
    if item.amount.minor <= item.free.minor:
        return ""
    most = format_money(item.free, locale)
    return _("The invoice has changed: %(most)s of it can be paid now.") % {"most": most}
