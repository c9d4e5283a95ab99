"""What people are told when something did not work: what happened, what is safe, what to do."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from quittance.core.errors import (
    Misconfigured,
    OutcomeUnknown,
    QuittanceError,
    Refused,
    RuleBroken,
    Unavailable,
)

# Why a payment failed, by the words that all gateways share (gateways/base.py, REASONS). One
# neutral text where more would help a thief who tries stolen cards.
REASONS: Final[dict[str, str]] = {
    "declined": noop("The bank declined it. Try another way to pay, or ask your bank."),
    "insufficient_funds": noop("The account had too little money. Nothing was charged."),
    "expired_card": noop("The card has expired. Use another card."),
    "authentication_failed": noop("The bank could not confirm that it was you. Try again."),
    "fraud": noop("The bank declined it. Try another way to pay, or ask your bank."),
    "account_closed": noop("The bank account is closed. Use another account."),
    "authentication_required": noop(
        "The bank wants you to confirm it yourself. Pay again here; nothing was charged."
    ),
    "method_gone": noop("This way to pay can no longer be used. Nothing was charged. Use another."),
    "verification_failed": noop("The bank account could not be verified. Use another one."),
    "abandoned": noop("The payment page was left before the payment. Nothing was charged."),
    "gateway_fault": noop("The payment provider had a fault. Nothing was charged. Try again."),
}
_ANY_REASON: Final = noop("The payment did not go through. Nothing was charged.")

_OUTSIDE: Final[dict[type[QuittanceError], str]] = {
    Refused: noop("The payment provider refused the payment. You were not charged."),
    Misconfigured: noop(
        "Payments are not set up correctly here. You were not charged. The seller has to repair"
        " this; write or call them."
    ),
    Unavailable: noop(
        "We cannot reach the payment provider. You were not charged. Try again in a minute."
    ),
    OutcomeUnknown: noop(
        "The payment provider did not answer in time. We are asking what happened. Do not pay"
        " again: the amount stays reserved until we know."
    ),
}


def sentence_for(error: QuittanceError) -> str:
    """Return what a person may read about ``error``; never the words of a gateway or an ERP."""
    for kind, sentence in _OUTSIDE.items():
        if isinstance(error, kind):
            return _(sentence)
    if isinstance(error, RuleBroken):
        return _(str(error))
    return _("Something went wrong on our side. Nothing was changed. Try again in a minute.")


def sentence_for_reason(reason: str) -> str:
    """Return why a payment failed; ``reason`` is a word of ours, or empty."""
    return _(REASONS.get(reason, _ANY_REASON))
