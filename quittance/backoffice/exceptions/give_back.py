"""Money that came and pays nothing: it goes back, or is booked for the customer whose it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from quittance.audit.record import record_event
from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.exceptions.acts import above, done, note_of, onward, refused, uuid_of
from quittance.backoffice.limits import why_not
from quittance.backoffice.refunds.forms import refund_key
from quittance.core.errors import OutcomeUnknown, OutsideError, Refused, Unavailable
from quittance.identity.permissions import Permission
from quittance.payments.models import GatewayAttempt
from quittance.payments.surplus import refund_quarantined
from quittance.receivables.models import CustomerAccount
from quittance.reconciliation.unknown import adopt_unknown, refund_unknown
from quittance.tenancy.rows import reading, writing
from quittance.ui.fresh import needs_fresh
from quittance.ui.pages import locale_for


@require_POST
@for_staff(Permission.REFUND)
@needs_fresh
def send_back(request: StaffRequest, row_id: UUID) -> HttpResponse:
    """Send back what came with an attempt and does not fit, or came too much."""
    key, note = refund_key(request.POST), note_of(request)
    with reading():
        attempt = GatewayAttempt.objects.filter(pk=row_id).first()
        came = (attempt.misfit or attempt.came) if attempt else None
        too_much = why_not(request.person, Permission.REFUND, came, locale_for(request))
    if attempt is None:
        raise Http404
    if too_much:
        return refused(request, f"attempt:{row_id}", too_much, way="send_back", note=note)
    return _asking(
        request, f"attempt:{row_id}", "sent_back", "send_back",
        lambda: refund_quarantined(row_id, key=key, note=note, user_id=request.person.pk),
    )  # fmt: skip


@require_POST
@for_staff(Permission.REFUND)
@needs_fresh
def give_back(request: StaffRequest, row_id: UUID) -> HttpResponse:
    """Send unknown money back the way it came."""
    key, way = f"finding:{row_id}", "refund_unknown"
    wrong = _must_not(request, key, Permission.REFUND)
    if wrong:
        return refused(request, key, wrong, way=way, note=note_of(request))
    _remember("unknown money to be given back", row_id, note=note_of(request))
    return _asking(request, key, "refund_asked", way, lambda: refund_unknown(row_id))


@require_POST
@for_staff(Permission.REALLOCATE)
def book(request: StaffRequest, row_id: UUID) -> HttpResponse:
    """Book unknown money on the account of the customer whose it is."""
    key, way = f"finding:{row_id}", "adopt_unknown"
    with reading():
        found = _accounts(request)
    wrong = _must_not(request, key, Permission.REALLOCATE) or _not_one(found)
    if wrong:
        return refused(request, key, wrong, way=way, note=note_of(request))
    account = found[0]
    _remember("unknown money to be booked", row_id, note=note_of(request), customer=account.number)
    return _asking(
        request, key, "adopted", way,
        lambda: adopt_unknown(row_id, customer_account_id=account.pk),
    )  # fmt: skip


def _accounts(request: StaffRequest) -> list[CustomerAccount]:
    """Whom the typed number may mean, of the chosen company if one is: two are one too many.

    A customer's number is the customer's within one legal entity; another has its own.
    """
    number = str(request.POST.get("customer", "")).replace("\0", "").strip()[:40]
    found = CustomerAccount.objects.filter(number__iexact=number, gone_at=None)
    company = uuid_of(request.POST.get("company", ""))
    return list((found.filter(legal_entity=company) if company else found)[:2])


def _not_one(found: Sequence[CustomerAccount]) -> str:
    if not found:
        return _("No customer has this number.")
    if len(found) > 1:
        return _("Several customers have this number, each in another company. Choose the company.")
    return ""


def _must_not(request: StaffRequest, key: str, permission: Permission) -> str:
    """Say why this person must not decide about unknown money so: too much, or without a reason."""
    if not note_of(request):
        return _("Write down why, for whoever looks at it later.")
    return above(request, permission, key)


def _remember(what: str, row_id: UUID, **facts: str) -> None:
    """Write down what was decided and why, before the gateway is asked."""
    with writing():
        record_event(what, subject_kind="posting", subject_id=row_id, **facts)


def _asking(
    request: StaffRequest, key: str, word: str, way: str, act: Callable[[], object]
) -> HttpResponse:
    """Do an act that asks the gateway, and say what became of it when there is no good answer."""
    try:
        return done(request, key, word, act, way=way, note=note_of(request))
    except OutcomeUnknown:
        return onward(request, key, "unsure")
    except OutsideError as error:
        return refused(request, key, _words(error), way=way, note=note_of(request))


def _words(error: OutsideError) -> str:
    if isinstance(error, Refused):
        return _("The gateway refuses it, and nothing was sent: %(words)s") % {"words": error}
    if isinstance(error, Unavailable):
        return _("The gateway does not answer. Nothing was sent yet. Try again in a minute.")
    return _("The gateway cannot be reached with our credentials. Nothing was sent.")
