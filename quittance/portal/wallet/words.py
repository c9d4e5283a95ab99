"""Says in a buyer's words why something did not work; see also ``wallet.words``."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from quittance.core.errors import (
    Misconfigured,
    OutcomeUnknown,
    QuittanceError,
    Refused,
    Unavailable,
)
from quittance.payments.return_codes import rule_of
from quittance.ui.sentences import sentence_for, sentence_for_reason
from quittance.wallet import words
from quittance.wallet.answers import NOT_AS_AGREED
from quittance.wallet.models import KeptMethod

_NOT_AS_AGREED: Final = noop(
    "It is another kind of account than the one that you agreed to debits of, so it is not kept."
    " Add it again, and choose what it is: the account of a company or your own."
)
_OUTSIDE: Final[dict[type[QuittanceError], str]] = {
    Refused: noop("The payment provider did not take it. Nothing was changed."),
    Misconfigured: noop(
        "Ways to pay can not be kept here at this time. Nothing was changed. The seller has to"
        " repair this; write or call them."
    ),
    Unavailable: noop(
        "We cannot reach the payment provider. Nothing was changed. Try again in a minute."
    ),
    OutcomeUnknown: noop(
        "The payment provider did not answer in time. We are asking what happened. Look again in a"
        " minute."
    ),
}
_ICONS: Final = {"bank_debit": "building-bank", "card": "credit-card", "wallet": "wallet"}
_BRANDS: Final = {"visa": "brand-visa", "mastercard": "brand-mastercard"}


def saying(error: QuittanceError) -> str:
    """Return what a buyer may read about ``error``, where no payment is made."""
    for kind, sentence in _OUTSIDE.items():
        if isinstance(error, kind):
            return _(sentence)
    return sentence_for(error)


def icon_of(method: str, brand: str) -> str:
    """Return the icon of a method; its brand's where we have one."""
    return _BRANDS.get(brand.lower(), _ICONS.get(method, "coin"))


def reason_of(reason: str) -> str:
    """Return why an attempt to save a method failed; "" when nobody said."""
    if reason == NOT_AS_AGREED:
        return _(_NOT_AS_AGREED)
    return sentence_for_reason(reason) if reason else ""


def ending_of(row: KeptMethod) -> str:
    """Return why a method ended, or is blocked; "" for one that can be charged."""
    if row.stopped_at is not None:
        rule = rule_of(row.stop_code, row.stopped_at.date())
        why = _("Its bank returned a payment: %(why)s") % {"why": _(rule.words)}
        return f"{why} {_(rule.deed)}"
    return words.ending_of(row.ended_reason) if row.status == KeptMethod.Status.ENDED else ""
