"""Says to a buyer why an invoice cannot be paid here."""

from __future__ import annotations

from typing import Protocol

from django.utils.translation import gettext as _

from quittance.portal.access import Account
from quittance.receivables.hindrances import Hindrance, hindrance_of


class Owed(Protocol):
    """An invoice, or a row of the list."""

    @property
    def currency(self) -> str: ...

    @property
    def hindrance(self) -> str: ...


def hindrance(found: Owed, account: Account) -> Hindrance | None:
    """Return why ``found``, which ``account`` owes, cannot be paid; ``None`` when it can."""
    return hindrance_of(
        said=found.hindrance, currency=found.currency, blocked=account.blocked,
        pays_only=account.pays_only, routed=account.routed,
    )  # fmt: skip


def hindrance_of_currency(currency: str, account: Account) -> Hindrance | None:
    """Return why nothing in this currency can be paid for ``account``, whatever the invoice."""
    return hindrance_of(
        said="", currency=currency, blocked=account.blocked, pays_only=account.pays_only,
        routed=account.routed,
    )  # fmt: skip


def why_not(reason: Hindrance | None, found: Owed, account: Account) -> str:
    """Return the sentence for it; "" without a reason."""
    if reason == Hindrance.BLOCKED:
        return _("The seller's books take no payment for this account at the moment: ask them.")
    if reason == Hindrance.CURRENCY:
        return _(
            "This invoice is in %(currency)s, and the seller books your payments in %(own)s."
            " It cannot be paid here: ask them how to pay it."
        ) % {"currency": found.currency, "own": account.pays_only}
    if reason == Hindrance.DISPUTED:
        return _(
            "The seller has marked this invoice as disputed. It cannot be paid here: ask them."
        )
    return ""
