"""The words for each way to pay, and what each of them comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from quittance.core.money import Money
from quittance.payments.contents import WITHOUT_MONEY, Contents
from quittance.transfers.accounts import METHOD as TRANSFER
from quittance.ui.amounts import format_money


@dataclass(frozen=True, slots=True)
class Method:
    """A way to pay, as the buyer reads it."""

    key: str  # a word of the gateways' ``Capabilities.methods``
    title: str
    text: str
    icon: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A way to pay with its price, said before it is chosen."""

    method: Method
    total: Money
    fee: Money
    discount: Money
    settled: Money
    note: str  # why a discount is lost by it


def choices(offered: Sequence[str], contents: Contents, *, locale: str) -> list[Choice]:
    """Return what the seller's gateway takes, in its order, and what each way comes to."""
    found = [(key, contents.paid_by(key)) for key in offered]
    best = max((each.discount for _key, each in found), default=Money(0, contents.basket.currency))
    return [
        Choice(
            method=method_of(key), total=each.total, fee=each.fee, discount=each.discount,
            settled=each.settled, note=_lost(best - each.discount, locale),
        )
        for key, each in found
    ]  # fmt: skip


def with_transfer(
    found: Sequence[Choice], contents: Contents, transfer: Contents | None, *, locale: str
) -> list[Choice]:
    """Add the bank transfer to the ways to pay, where there is one: it has no fee.

    ``transfer`` is the basket as a transfer pays it: without credits.
    """
    if transfer is None:
        return list(found)
    best = max((each.discount for each in found), default=transfer.discount)
    lost = _lost(best - transfer.discount, locale)
    kept = _("Your credits stay for another payment.") if contents.credit.minor else ""
    choice = Choice(
        method=method_of(TRANSFER), total=transfer.money, fee=Money(0, contents.basket.currency),
        discount=transfer.discount, settled=transfer.settled,
        note=" ".join(filter(None, (lost, kept))),
    )  # fmt: skip
    return [*found, choice]


def method_of(key: str) -> Method:
    """Return the words for one way to pay."""
    if key == "bank_debit":
        text = _("You confirm the debit on the next page. It takes 2 to 4 business days.")
        return Method(key, _("Bank debit"), text, "building-bank")
    if key == "card":
        text = _("You enter the card on the payment provider’s page.")
        return Method(key, _("Credit or debit card"), text, "credit-card")
    if key == TRANSFER:
        text = _("You tell your own bank, with one reference for all invoices.")
        return Method(key, _("Bank transfer"), text, "building-bank")
    if key == WITHOUT_MONEY:
        text = _("They cover all of it. Nothing is charged.")
        return Method(key, _("Your credits"), text, "receipt-refund")
    return Method(key, key, "", "coin")


def _lost(lost: Money, locale: str) -> str:
    if lost.minor <= 0:
        return ""
    amount = format_money(lost, locale)
    return _("The money may come too late for the early-payment discount of %(amount)s.") % {
        "amount": amount
    }
