"""Ways to pay that customers keep, the proof of each, and what banks did to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from quittance.audit.models import AuditEvent
from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.methods.records import kept_in_vain, said_by_banks, some_methods
from quittance.backoffice.methods.words import change_in_words, rates_of, why_of
from quittance.connections.models import GatewayAccount
from quittance.core import clock
from quittance.core.clock import today
from quittance.core.errors import RuleBroken
from quittance.identity.permissions import Permission, may
from quittance.payments.models import Reversal
from quittance.payments.return_rates import return_rates
from quittance.receivables.models import CustomerAccount
from quittance.tenancy.rows import reading
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import page
from quittance.ui.sentences import sentence_for
from quittance.wallet.ending import NotKept
from quittance.wallet.limits import LIMIT_HIT
from quittance.wallet.models import DebitTerms, KeptMethod
from quittance.wallet.places import set_company_id
from quittance.wallet.stopping import allow_again
from quittance.wallet.texts import title_of
from quittance.wallet.words import holder_of, kind_of, mark_of

_ALERTS_FOR: Final = timedelta(days=7)
_FORGOTTEN_WITHIN: Final = timedelta(days=3)  # by then a gateway was asked several times


@require_GET
@for_staff(Permission.SEE_PAYMENTS)
def methods(request: StaffRequest) -> HttpResponse:
    """The newest ones, or those of a customer; who was slowed down; the company IDs of debits."""
    q = request.GET.get("q", "").replace("\0", "").strip()[:100]
    with reading():
        found = some_methods(
            q=q, after=request.GET.get("after", ""), before=request.GET.get("before", ""),
            today=today(request.zone),
        )  # fmt: skip
        alerts = _alerts()
        vain = kept_in_vain(clock.now() - _FORGOTTEN_WITHIN)
        accounts = _with_company_ids()
        rates = [rates_of(each) for each in return_rates()]
    return page(
        request, "backoffice/methods/list.html", nav="methods", q=q, rows=found.rows, alerts=alerts,
        newer=_address(q, before=found.newer) if found.newer else "",
        older=_address(q, after=found.older) if found.older else "",
        shown=ngettext("%(n)s method", "%(n)s methods", len(found.rows)) % {"n": len(found.rows)},
        rates=rates, vain=vain, gateway_accounts=accounts,
        may_connect=may(request.person, Permission.CONNECT),
        done=_("The company ID is kept.") if request.GET.get("done") == "id" else "",
        **request.frame,
    )  # fmt: skip


@require_GET
@for_staff(Permission.SEE_PAYMENTS)
def method(request: StaffRequest, method_id: UUID) -> HttpResponse:
    """One of them, with what was agreed to, when, by whom and from where."""
    return _method(request, method_id)


@require_POST
@for_staff(Permission.HANDLE)
def allow_method(request: StaffRequest, method_id: UUID) -> HttpResponse:
    """Have a method that a return has blocked be charged again, with a note that stays."""
    note = request.POST.get("note", "")
    try:
        allow_again(method_id, note)
    except NotKept as error:
        raise Http404 from error
    except RuleBroken as error:
        said = [("note", sentence_for(error))]
        return _method(request, method_id, errors=said, note=note[:500], status=409)
    there = reverse("backoffice:method", kwargs={"method_id": method_id})
    return hx_redirect(request, f"{there}?done=allowed")


def _method(
    request: StaffRequest,
    method_id: UUID,
    *,
    errors: Sequence[tuple[str, str]] = (),
    note: str = "",
    status: int = 200,
) -> HttpResponse:
    with reading():
        rows = KeptMethod.objects.select_related("consent__user", "gateway_account")
        row = rows.filter(pk=method_id).first()
        if row is None:
            raise Http404
        customer = CustomerAccount.objects.get(pk=row.customer_account_id)
        back = _return_of(row)
        said = [
            (each, change_in_words(each.code, each.received_at.date()))
            for each in said_by_banks(row)
        ]
    return page(
        request, "backoffice/methods/method.html", status=status, nav="methods", row=row,
        kind=kind_of(row.method, row.scheme), holder=holder_of(row),
        mark=mark_of(row, today(request.zone)),
        customer=customer, consent=row.consent, title=title_of(row.consent.text_version),
        paragraphs=row.consent.text.split("\n\n"), why=why_of(row), back=back, said=said,
        errors=list(errors), note=note, may_allow=may(request.person, Permission.HANDLE),
        done=_("It may be charged again.") if request.GET.get("done") == "allowed" else "",
        **request.frame,
    )  # fmt: skip


@require_POST
@for_staff(Permission.CONNECT)
def company_id(request: StaffRequest, account_id: UUID) -> HttpResponse:
    """Keep the company ID that debits of a gateway account carry."""
    with reading():
        if not GatewayAccount.objects.filter(pk=account_id).exists():
            raise Http404
    set_company_id(account_id, request.POST.get("company_id", "").replace("\0", "").strip())
    return hx_redirect(request, reverse("backoffice:methods") + "?done=id")


def _return_of(row: KeptMethod) -> Reversal | None:
    """Return what stopped a method, in a transaction of the caller."""
    if row.stopped_by is None:
        return None
    return Reversal.objects.select_related("payment").filter(pk=row.stopped_by).first()


def _address(q: str, **place: str) -> str:
    said = {name: text for name, text in {"q": q, **place}.items() if text}
    return f"{reverse('backoffice:methods')}?{urlencode(said)}"


def _alerts() -> list[tuple[AuditEvent, CustomerAccount | None]]:
    since = clock.now() - _ALERTS_FOR
    rows = AuditEvent.objects.filter(what=LIMIT_HIT, happened_at__gte=since)
    found = list(rows.order_by("-happened_at")[:20])
    customers = CustomerAccount.objects.in_bulk({each.subject_id for each in found})
    return [(each, customers.get(each.subject_id)) for each in found]


def _with_company_ids() -> list[dict[str, Any]]:
    terms = dict(DebitTerms.objects.values_list("gateway_account_id", "company_id"))
    rows = GatewayAccount.objects.filter(is_active=True).order_by("name")
    return [
        {"id": each.pk, "name": each.name, "company_id": terms.get(each.pk, "")} for each in rows
    ]
