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
    note: str = ""  # what it does not do that another way does


def choice_of(value: str, method: Method, paid: Contents) -> Choice:
    """Return a way to pay; ``paid`` is the basket as it pays it."""
    return Choice(
        value=value, method=method, total=paid.total, fee=paid.fee, discount=paid.discount,
        settled=paid.settled,
    )  # fmt: skip


def choices(offered: Sequence[Offered], contents: Contents) -> list[Choice]:
    """Return what the seller's gateways take, in their order, and what each way comes to."""
    return [
        choice_of(value_of(way, offered), words_of(way, offered), contents.paid_by(way.method))
        for way in offered
    ]


def with_what_is_lost(found: Sequence[Choice], *, locale: str) -> list[Choice]:
    """Say with each way how much of an early-payment discount is lost that another way gets."""
    best = max((each.discount for each in found), default=None)
    return [
        replace(each, note=" ".join(filter(None, (_lost(best - each.discount, locale), each.note))))
        for each in found
        if best is not None
    ]


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
        here = _("You enter it on the next page, at the payment provider.")
        found = replace(found, text=f"{here} {days}".strip())
    if sum(each.method == way.method for each in offered) == 1:
        return found
    return replace(found, title=_("%(way)s, by %(who)s") % {"way": found.title, "who": way.name})


def transfer_choice(contents: Contents, transfer: Contents) -> Choice:
    """Return the bank transfer as a way to pay: it has no fee.

    ``transfer`` is the basket as a transfer pays it: without credits.
    """
    kept = _("Your credits stay for another payment.") if contents.credit.minor else ""
    return Choice(
        value=TRANSFER, method=method_of(TRANSFER), total=transfer.money,
        fee=Money(0, contents.basket.currency),
        discount=transfer.discount, settled=transfer.settled, note=kept,
    )  # fmt: skip


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
