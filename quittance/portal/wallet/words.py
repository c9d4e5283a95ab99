"""Says in a buyer's words what a kept method is, and why something did not work."""

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
_SCHEMES: Final = {
    "ach_ccd": noop("Bank debit (ACH), business account"),
    "ach_web": noop("Bank debit (ACH), personal account"),
    "sepa_core": noop("SEPA Direct Debit"),
    "sepa_b2b": noop("SEPA Direct Debit (B2B)"),
    "bacs": noop("Direct Debit (Bacs)"),
}
_METHODS: Final = {
    "bank_debit": noop("Bank debit"),
    "card": noop("Card"),
    "wallet": noop("Payment service"),
}
_ICONS: Final = {"bank_debit": "building-bank", "card": "credit-card", "wallet": "wallet"}
_BRANDS: Final = {"visa": "brand-visa", "mastercard": "brand-mastercard"}
_ENDINGS: Final = {
    "removed": noop("It was removed."),
    "revoked": noop("The agreement was ended."),
    "gone": noop("The payment provider does not keep it any more."),
    "unfit": noop("It was another kind of account than the one that you agreed to debits of."),
    "mandate_ended": noop("The bank or the payment provider ended its mandate."),
    "returned": noop("Its bank returned a payment."),
}


def saying(error: QuittanceError) -> str:
    """Return what a buyer may read about ``error``, where no payment is made."""
    for kind, sentence in _OUTSIDE.items():
        if isinstance(error, kind):
            return _(sentence)
    return sentence_for(error)


def kind_of(method: str, scheme: str) -> str:
    """Return what a method is: "Card", "Bank debit (ACH), business account"."""
    return _(_SCHEMES.get(scheme) or _METHODS.get(method, method))


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
    if row.status != KeptMethod.Status.ENDED:
        return ""
    return _(_ENDINGS.get(row.ended_reason, _ENDINGS["gone"]))
