"""What the ways to pay are called for the AR team: on its pages, and in what it is told."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

_NAMES: Final = {
    "card": noop("Card"),
    "bank_debit": noop("Bank debit"),
    "bank_transfer": noop("Bank transfer"),
    "wallet": noop("Account at the payment provider"),
    "credit": noop("Credits"),
}


def method_name(key: str) -> str:
    """Return the name of a way to pay; one that we do not know is called as its gateway does."""
    return _(_NAMES[key]) if key in _NAMES else key
