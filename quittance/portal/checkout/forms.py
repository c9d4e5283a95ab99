"""Reads the amounts and credits of step 1, and keeps what was typed when one is wrong."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from quittance.core.errors import RuleBroken
from quittance.core.money import InexactAmount, Money
from quittance.payments.contents import Contents, Item, Offer
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


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditLine:
    """One credit of the form: whether it is ticked, and at most how much of it is to be used."""

    offer: Offer
    typed: str
    ticked: bool
    amount: Money | None  # ``None`` when it is wrong; zero when it is not ticked
    error: str


@dataclass(frozen=True, slots=True)
class Form:
    """Step 1: as the basket has it, or as it was sent."""

    lines: Sequence[Line]
    credits: Sequence[CreditLine]

    @property
    def is_wrong(self) -> bool:
        """Whether something must be mended."""
        return any(line.error for line in self.lines) or any(each.error for each in self.credits)

    @property
    def is_empty(self) -> bool:
        """Whether every invoice is left out."""
        return all(line.dropped for line in self.lines)

    @property
    def wishes(self) -> tuple[dict[UUID, Money], dict[UUID, Money]]:
        """What is right of it: an amount for each invoice that is kept, and for each credit."""
        amounts = {
            line.item.invoice.pk: line.amount
            for line in self.lines
            if line.amount is not None and not line.dropped
        }
        credits_ = {
            line.offer.found.credit.pk: line.amount
            for line in self.credits
            if line.amount is not None
        }
        return amounts, credits_


def shown_form(contents: Contents, *, locale: str) -> Form:
    """Return the form as the basket has it; a credit that is not ticked would be used wholly."""
    lines = [
        Line(
            item=item, typed=format_for_input(item.amount, locale), dropped=False,
            reason=item.reason, amount=item.amount, error=_changed(item, locale),
        )
        for item in contents.items
    ]  # fmt: skip
    credits_ = [
        CreditLine(
            offer=offer, ticked=offer.chosen.minor > 0, amount=offer.chosen,
            typed=format_for_input(_least(offer.chosen, offer.free), locale), error="",
        )
        for offer in contents.offers
    ]  # fmt: skip
    return Form(lines, credits_)


def typed_form(contents: Contents, sent: QueryDict, *, locale: str) -> Form:
    """Return the form as it was sent; ``drop`` and ``credit`` hold the ids that are ticked."""
    dropped, ticked = set(sent.getlist("drop")), set(sent.getlist("credit"))
    return Form(
        [_typed(item, sent, dropped, locale) for item in contents.items],
        [_typed_credit(offer, sent, ticked, locale) for offer in contents.offers],
    )


def amounts_of(form: Form) -> dict[UUID, tuple[Money, str]]:
    """Return what ``set_amounts`` takes, from a form without an error; zero leaves one out."""
    result = {}
    for line in form.lines:
        assert line.amount is not None
        amount = Money(0, line.amount.currency) if line.dropped else line.amount
        result[line.item.invoice.pk] = (amount, line.reason)
    return result


def _typed(item: Item, sent: Mapping[str, str], dropped: Collection[str], locale: str) -> Line:
    id_ = str(item.invoice.pk)
    typed = sent.get(f"amount-{id_}", "")[:40]
    reason = sent.get(f"reason-{id_}", "")
    left_out = id_ in dropped
    amount, error = (item.free, "") if left_out else _read(item.free, typed, locale)
    return Line(
        item=item, typed=typed, dropped=left_out, amount=amount, error=error,
        reason=reason if reason in BasketItem.Reason.values else "",
    )  # fmt: skip


def _typed_credit(
    offer: Offer, sent: Mapping[str, str], ticked: Collection[str], locale: str
) -> CreditLine:
    id_ = str(offer.found.credit.pk)
    typed = sent.get(f"credit-{id_}", "")[:40]
    amount, error = (
        _read(offer.free, typed, locale) if id_ in ticked else (Money(0, offer.free.currency), "")
    )
    return CreditLine(offer=offer, typed=typed, ticked=id_ in ticked, amount=amount, error=error)


def _least(chosen: Money, free: Money) -> Money:
    return chosen if 0 < chosen.minor < free.minor else free


def _read(free: Money, typed: str, locale: str) -> tuple[Money | None, str]:
    """Return the amount, or the sentence that says how to mend it."""
    most = {"most": format_money(free, locale)}
    try:
        amount = read_amount(typed, free.currency, locale)
    except InexactAmount as error:
        return None, str(error)
    except RuleBroken:
        return None, _("Write an amount like %(most)s.") % most
    if amount.minor <= 0:
        return None, _("Enter an amount above zero, or leave it out.")
    if amount.minor > free.minor:
        return None, _("Enter an amount up to %(most)s.") % most
    return amount, ""


def _changed(item: Item, locale: str) -> str:
    """Say so when less is free than the basket holds; the amount is never changed in silence."""
    if item.amount.minor <= item.free.minor:
        return ""
    most = format_money(item.free, locale)
    return _("The invoice has changed: %(most)s of it can be paid now.") % {"most": most}
