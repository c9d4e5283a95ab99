"""Money that came and pays nothing: it goes back, or is booked for the customer whose it is."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.exceptions.acts import done, note_of, onward, refused
from quittance.backoffice.refunds.forms import refund_key
from quittance.core.errors import OutcomeUnknown, OutsideError, Refused, Unavailable
from quittance.identity.permissions import Permission
from quittance.payments.surplus import refund_quarantined
from quittance.receivables.models import CustomerAccount
from quittance.reconciliation.unknown import adopt_unknown, refund_unknown
from quittance.tenancy.rows import reading


@require_POST
@for_staff(Permission.REFUND)
def send_back(request: StaffRequest, row_id: UUID) -> HttpResponse:
    """Send back what came with an attempt and does not fit, or came too much."""
    key, note = refund_key(request.POST), note_of(request)
    return _asking(
        request, f"attempt:{row_id}", "sent_back", "send_back",
        lambda: refund_quarantined(row_id, key=key, note=note, user_id=request.person.pk),
    )  # fmt: skip


@require_POST
@for_staff(Permission.REFUND)
def give_back(request: StaffRequest, row_id: UUID) -> HttpResponse:
    """Send unknown money back the way it came."""
    return _asking(
        request, f"finding:{row_id}", "refund_asked", "refund_unknown",
        lambda: refund_unknown(row_id),
    )  # fmt: skip


@require_POST
@for_staff(Permission.REALLOCATE)
def book(request: StaffRequest, row_id: UUID) -> HttpResponse:
    """Book unknown money on the account of the customer whose it is."""
    number = str(request.POST.get("customer", "")).replace("\0", "").strip()[:40]
    with reading():
        account = CustomerAccount.objects.filter(number__iexact=number).first()
    key = f"finding:{row_id}"
    if account is None:
        return refused(request, key, _("No customer has this number."), way="adopt_unknown")
    return _asking(
        request, key, "adopted", "adopt_unknown",
        lambda: adopt_unknown(row_id, customer_account_id=account.pk),
    )  # fmt: skip


def _asking(
    request: StaffRequest, key: str, word: str, way: str, act: Callable[[], object]
) -> HttpResponse:
    """Do an act that asks the gateway, and say what became of it when there is no good answer."""
    try:
        return done(request, key, word, act, way=way)
    except OutcomeUnknown:
        return onward(request, key, "unsure")
    except OutsideError as error:
        return refused(request, key, _words(error), way=way)


def _words(error: OutsideError) -> str:
    if isinstance(error, Refused):
        return _("The gateway refuses it, and nothing was sent: %(words)s") % {"words": error}
    if isinstance(error, Unavailable):
        return _("The gateway does not answer. Nothing was sent yet. Try again in a minute.")
    return _("The gateway cannot be reached with our credentials. Nothing was sent.")
