"""The words for each way to pay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Method:
    """A way to pay, as the buyer reads it."""

    key: str  # a word of the gateways' ``Capabilities.methods``
    title: str
    text: str
    icon: str


def methods(offered: Sequence[str]) -> list[Method]:
    """Return the words for what the seller's gateway takes, in its order."""
    return [method_of(key) for key in offered]


def method_of(key: str) -> Method:
    """Return the words for one way to pay."""
    if key == "bank_debit":
        text = _("You confirm the debit on the next page. It takes 2 to 4 business days.")
        return Method(key, _("Bank debit"), text, "building-bank")
    if key == "card":
        text = _("You enter the card on the payment provider’s page.")
        return Method(key, _("Credit or debit card"), text, "credit-card")
    return Method(key, key, "", "coin")
