"""A payment in one row of a list: what it pays, and where it is."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quittance.payments.models import Payment
from quittance.portal.payments.life import shown_status


def what_it_pays(payment: Any) -> str:
    """Return "INV-1 and 2 more", for a payment of ``portal/payments/records.py``."""
    more, first = payment.invoices - 1, payment.first_number or _("On your account, for later")
    if more <= 0:
        return str(first)
    return ngettext("%(one)s and %(n)s more", "%(one)s and %(n)s more", more) % {
        "one": first, "n": more,
    }  # fmt: skip


def status_of(payment: Any) -> str:
    """Return the one status that a list shows, a key of ui/statuses.py."""
    return _fate(payment) or shown_status(payment.status, payment.attempt_status or "")


def _fate(payment: Any) -> str:
    """What became of the money, where that says more than "paid"."""
    if payment.status != Payment.Status.SUCCEEDED:
        return ""
    if payment.is_returned:
        return "returned"
    if payment.disputes_less_won > 0:
        return "disputed"
    return "refunded_some" if payment.is_refunded else ""
