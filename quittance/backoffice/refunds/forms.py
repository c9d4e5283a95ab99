"""Reads what a clerk wants sent back, and keeps what was typed when it is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from quittance.backoffice.limits import above_the_limit
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.ids import new_id
from quittance.core.money import Money
from quittance.identity.models import User
from quittance.identity.permissions import may_refund
from quittance.payments.models import Payment
from quittance.payments.refunds import given_back, refundable, returnable_until
from quittance.ui.amounts import format_for_input, format_money, read_amount
from quittance.ui.sentences import sentence_for

NOTE: Final = 500  # characters
_KEY: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One refund as it is asked for; ``key`` makes it one, however often it is sent."""

    key: str
    typed: str
    note: str
    reopens: bool
    despite_return: bool  # the clerk knows that the bank may still take the debit back
    most: Money
    returnable: bool
    amount: Money | None = None  # ``None`` when it is no amount
    allowed: bool = True  # whether this person may give so much back
    errors: tuple[tuple[str, str], ...] = ()


def new_form(payment: Payment, locale: str) -> Form:
    """Return the form as it is first shown: all that can go back, in a caller's transaction."""
    most = refundable(payment)
    return Form(
        key=str(new_id()), typed=format_for_input(most, locale), note="", reopens=True,
        despite_return=False, most=most, returnable=_returnable(payment),
    )  # fmt: skip


def read_form(payment: Payment, typed: Mapping[str, Any], person: User, locale: str) -> Form:
    """Read the form as it was sent, in a transaction of the caller."""
    most = refundable(payment)
    amount, errors = _amount(str(typed.get("amount", "")), most, locale)
    note = str(typed.get("note", "")).replace("\0", "").strip()[:NOTE]
    if not note:
        errors.append(("note", _("Write down why, for whoever looks at it later.")))
    returnable, despite = _returnable(payment), bool(typed.get("despite_return"))
    if returnable and not despite:
        errors.append(("despite", _("Say that you know that the bank may still take it back.")))
    allowed = amount is not None and may_refund(
        person, amount + given_back(payment, but=refund_key(typed))
    )
    if amount and not allowed:
        words = _("You may refund up to %(limit)s of one payment. Ask a manager to do it.")
        errors.append(("amount", above_the_limit(amount, locale, words)))
    return Form(
        key=str(typed.get("key", ""))[:_KEY], typed=str(typed.get("amount", ""))[:24], note=note,
        reopens=typed.get("reopens") != "no", despite_return=despite, most=most,
        returnable=returnable, amount=amount, allowed=allowed, errors=tuple(errors),
    )  # fmt: skip


def refund_key(typed: Mapping[str, Any]) -> str:
    """Return the key of the refund that a form asks for.

    What is posted may be anything, the key of a refund that we make by ourselves too: so those of
    forms begin with a word of their own.
    """
    return "form:" + str(typed.get("key", "")).replace("\0", "")[:_KEY]


def _amount(typed: str, most: Money, locale: str) -> tuple[Money | None, list[tuple[str, str]]]:
    try:
        amount = read_amount(typed[:40], most.currency, locale)
    except RuleBroken as error:
        return None, [("amount", sentence_for(error))]
    if amount.minor <= 0:
        return None, [("amount", _("Enter an amount above zero."))]
    if amount > most:
        words = _("Of this payment %(most)s can still go back.")
        return amount, [("amount", words % {"most": format_money(most, locale)})]
    return amount, []


def _returnable(payment: Payment) -> bool:
    until = returnable_until(payment)
    return until is not None and clock.now() < until
