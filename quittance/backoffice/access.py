"""Who may open a page of the back office: every view carries ``for_staff``, and a test looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Count, Max, Min, Value
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from quittance.confirmations.models import Confirmation
from quittance.confirmations.people import kinds_of
from quittance.connections.gate import shut_accounts
from quittance.core import clock
from quittance.disputes.models import InvoiceDispute
from quittance.identity.models import User
from quittance.identity.permissions import Permission, may
from quittance.identity.sign_in import go_on, user_of
from quittance.receivables.models import SyncCursor
from quittance.reconciliation.exceptions import count
from quittance.tenancy.hosts import OrganizationRequest
from quittance.tenancy.models import LegalEntity
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import working_for
from quittance.transfers.models import BankEntry
from quittance.ui.days import age
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import OUR_LOOK

_STALE_AFTER: Final = timedelta(minutes=15)
View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the ERP answers, in a word."""

    tone: str
    word: str
    detail: str


class StaffRequest(OrganizationRequest):
    """A request of one of the organization's own people."""

    person: User
    zone: str
    frame: dict[str, Any]  # what ui/office.html names


def for_staff(permission: Permission) -> Callable[[View], View]:
    """Let staff in who may do this. A buyer gets the same 404 as for a page that is not there."""

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: Any, **arguments: Any) -> HttpResponseBase:
            actor = f"user:{request.session.get('user', '')}"
            with working_for(request.organization_id, actor=actor):
                with reading():
                    person = user_of(request.session, request.organization_id)
                    allowed = person is not None and may(person, permission)
                    around = _around(person) if person and allowed else {}
                if person is None:
                    return _to_sign_in(request)
                if person.must_enrol:
                    return hx_redirect(request, reverse("portal:security"))
                if not allowed:
                    raise Http404
                go_on(request.session, person)
                request.person, request.frame = person, around
                request.zone, request.look = around.pop("zone"), OUR_LOOK
                return view(request, **arguments)

        wrapped.access = wrapped.permission = permission  # type: ignore[attr-defined]
        return wrapped

    return decorate


def _around(person: User) -> dict[str, Any]:
    """What every page of the back office shows besides its own."""
    health = SyncCursor.objects.aggregate(
        as_of=Min("succeeded_at"), failed_at=Max("failed_at"), zone=Min("legal_entity__zone")
    )
    waiting = _waiting(person)
    zone = health.pop("zone") or LegalEntity.objects.values_list("zone", flat=True).first()
    return {
        "zone": zone or "UTC",
        "waiting": count(),
        "at_the_bank": waiting.get("bank", 0),
        "disputed": waiting.get("disputes", 0),
        "to_confirm": waiting.get("confirmations", 0),
        "role": person.get_staff_role_display(),
        "may_brand": may(person, Permission.BRAND),
        "may_sign_on": may(person, Permission.SIGN_ON),
        "may_visit": may(person, Permission.VIEW_AS_CUSTOMER),
        "may_audit": may(person, Permission.SEE_AUDIT),
        "health": _gateway_health() or _health(**health),
    }


def _waiting(person: User) -> dict[str, int]:
    """Count what waits at the bank, among the disputes and for this very person's word.

    In one question.
    """
    entries = BankEntry.objects.filter(status=BankEntry.Status.WAITING)
    disputes = InvoiceDispute.objects.filter(status=InvoiceDispute.Status.OPEN)
    wanted = Confirmation.objects.filter(
        status=Confirmation.Status.ASKED, kind__in=kinds_of(person), expires_at__gt=clock.now()
    ).exclude(asked_by=person)
    words = (("bank", entries), ("disputes", disputes), ("confirmations", wanted))
    first, *others = [
        rows.order_by().values("organization").annotate(what=Value(word), n=Count("pk"))
        for word, rows in words
    ]
    return {row["what"]: row["n"] for row in first.union(*others, all=True)}


def _gateway_health() -> Health | None:
    shut = ", ".join(shut_accounts())
    return Health("bad", _("The gateway does not accept our key"), shut) if shut else None


def _health(*, as_of: Any, failed_at: Any) -> Health | None:
    now = clock.now()
    if as_of is None and failed_at is None:
        return None
    seen = _("Balances from %(age)s") % {"age": age(as_of, now)} if as_of else ""
    if failed_at or now - as_of > _STALE_AFTER:
        return Health("bad", _("The ERP does not answer"), seen)
    return Health("good", _("The ERP is in step"), seen)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    then = request.get_full_path() if request.method == "GET" else reverse("backoffice:home")
    return hx_redirect(request, f"{reverse('portal:sign_in')}?{urlencode({'then': then})}")
