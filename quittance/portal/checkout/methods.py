"""The words for each way to pay, and what each of them comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.utils.translation import gettext as _

from quittance.connections.offers import Offered
from quittance.core.money import Money
from quittance.payments.contents import WITHOUT_MONEY, Contents
from quittance.payments.models import Basket
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

    value: str  # what the form sends: see ``read_choice``
    method: Method
    total: Money
    fee: Money
    discount: Money
    settled: Money
    note: str  # why a discount is lost by it


def choices(offered: Sequence[Offered], contents: Contents, *, locale: str) -> list[Choice]:
    """Return what the seller's gateways take, in their order, and what each way comes to."""
    found = [(way, contents.paid_by(way.method)) for way in offered]
    best = max((each.discount for _way, each in found), default=Money(0, contents.basket.currency))
    return [
        Choice(
            value=value_of(way, offered), method=words_of(way, offered), total=each.total,
            fee=each.fee, discount=each.discount, settled=each.settled,
            note=_lost(best - each.discount, locale),
        )
        for way, each in found
    ]  # fmt: skip


def value_of(way: Offered, offered: Sequence[Offered]) -> str:
    """Return how a form names a way to pay: the first one of a method by the method alone."""
    first = next(each for each in offered if each.method == way.method)
    return way.method if first == way else f"{way.method}:{way.gateway_account_id}"


def chosen_of(basket: Basket, offered: Sequence[Offered]) -> Offered | None:
    """Return the way that a basket has chosen; the first one before any was."""
    if basket.kept_method_id:
        return None
    for way in offered:
        if way.method == basket.method and basket.gateway_account_id in {
            None, way.gateway_account_id,
        }:  # fmt: skip
            return way
    return None if basket.method else next(iter(offered), None)


def read_choice(text: str) -> tuple[str, UUID | None]:
    """Return method and gateway account of what a form sent; a method alone is fine."""
    method, _colon, account = text[:60].partition(":")
    try:
        return method, UUID(account) if account else None
    except ValueError:
        return "", None


def words_of(way: Offered, offered: Sequence[Offered]) -> Method:
    """Return the words for a way to pay; two of one method say through whom."""
    found = method_of(way.method)
    if way.method == "wallet":
        text = _("You sign in there and confirm; your account there pays.")
        found = Method(way.method, way.label, text, "wallet")
    if way.embedded:
        days = _("It takes 2 to 4 business days.") if way.method == "bank_debit" else ""
        here = _("You enter it on the next page, in the payment provider’s fields.")
        found = replace(found, text=f"{here} {days}".strip())
    if sum(each.method == way.method for each in offered) == 1:
        return found
    return replace(found, title=_("%(way)s, by %(who)s") % {"way": found.title, "who": way.name})


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
        value=TRANSFER, method=method_of(TRANSFER), total=transfer.money,
        fee=Money(0, contents.basket.currency),
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
