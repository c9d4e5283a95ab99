"""Says in words what a kept method is, how it stands and why it ended: for its payers and staff."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from markupsafe import Markup

from quittance.ui.marks import badge
from quittance.wallet.expiry import expires_soon
from quittance.wallet.models import KeptMethod
from quittance.wallet.transitions import M

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
_HOLDERS: Final = {"business": noop("A company"), "personal": noop("A person")}
_ENDINGS: Final = {
    "removed": noop("It was removed."),
    "revoked": noop("The agreement was ended."),
    "gone": noop("The payment provider does not keep it any more."),
    "unfit": noop("It was another kind of account than the one that was agreed to."),
    "left": noop("Its holder may pay for the company no more."),
    "mandate_ended": noop("The bank or the payment provider ended its mandate."),
    "returned": noop("Its bank returned a payment."),
}


def kind_of(method: str, scheme: str) -> str:
    """Return what a method is: "Card", "Bank debit (ACH), business account"."""
    return _(_SCHEMES.get(scheme) or _METHODS.get(method, method))


def holder_of(row: KeptMethod) -> str:
    """Return whose bank account it is: "A company"; "" for all else."""
    return _(_HOLDERS[row.holder]) if row.holder in _HOLDERS else ""


def ending_of(reason: str) -> str:
    """Return why a method ended."""
    return _(_ENDINGS.get(reason, _ENDINGS["gone"]))


def mark_of(row: KeptMethod, today: date) -> Markup:
    """Return a method's status on a day in the seller's zone, as lists and pages show it."""
    if row.status == M.ENDED and row.stopped_at is not None:
        return badge(_("Returned by the bank"), "circle-x", "bad", pill=False)
    if row.status == M.ENDED:
        return badge(_("Ended"), "circle-x", "quiet", pill=False)
    if row.status == M.VERIFYING:
        return badge(_("To be verified"), "clock", "warn")
    if row.status == M.BLOCKED:
        return badge(_("Blocked"), "alert-circle", "bad")
    return _mark_of_ready(row, today)


def _mark_of_ready(row: KeptMethod, today: date) -> Markup:
    if row.expires_on and row.expires_on < today:
        return badge(_("Expired"), "alert-circle", "bad")
    if expires_soon(row, today):
        return badge(_("Expires soon"), "clock", "warn")
    return badge(_("Ready"), "circle-check", "good", pill=False)
