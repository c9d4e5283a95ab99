"""The page of connections: how each is, and what can be done about it."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.db.models import Count, QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.views.decorators.http import require_GET, require_POST

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.connections.words import erp_card, gateway_card
from quittance.connections.capabilities import look_at_erp, look_at_gateway
from quittance.connections.models import ErpConnection, GatewayAccount, PostingRule
from quittance.core.errors import OutsideError, RuleBroken
from quittance.identity.permissions import Permission, may
from quittance.posting import gate
from quittance.posting.models import PostingGate
from quittance.receivables.state import state_of
from quittance.tenancy.rows import reading, writing
from quittance.transfers.accounts import KIND
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import page

_DONE: Final = {
    "works": noop("It works."),
    "fails": noop("It does not work. What to do stands below."),
    "kept": noop("The settings were tried out and are kept."),
    "asked": noop("The settings work. Another person has to confirm them; those of before hold."),
    "paused": noop("Nothing more is posted there until you let it go on."),
    "resumed": noop("Postings go on."),
}


@require_GET
@for_staff(Permission.SEE_BOOKS)
def connections(request: StaffRequest) -> HttpResponse:
    """Every connection with its state, its last error, and what it can do."""
    with reading():
        erps, gateways = _erps(), list(_gateways().order_by("name"))
    done = _DONE.get(request.GET.get("done", ""))
    return page(
        request, "backoffice/connections/list.html", nav="connections", erps=erps,
        gateways=[gateway_card(row) for row in gateways], done=_(done) if done else "",
        bad=request.GET.get("done") == "fails", may_change=may(request.person, Permission.CONNECT),
        **request.frame,
    )  # fmt: skip


@require_POST
@for_staff(Permission.CONNECT)
def test_erp(request: StaffRequest, legal_entity_id: UUID) -> HttpResponse:
    """Ask the ERP now, and find out what it can do."""
    the_erp(legal_entity_id)
    try:
        look_at_erp(legal_entity_id)
    except OutsideError:
        return back(request, "fails")
    return back(request, "works")


@require_POST
@for_staff(Permission.CONNECT)
def test_gateway(request: StaffRequest, account_id: UUID) -> HttpResponse:
    """Ask a gateway now."""
    the_gateway(account_id)
    try:
        look_at_gateway(account_id)
    except OutsideError:
        return back(request, "fails")
    return back(request, "works")


@require_POST
@for_staff(Permission.CONNECT)
def pause(request: StaffRequest, legal_entity_id: UUID) -> HttpResponse:
    """Post nothing more to this ERP for now; payments are taken all the same."""
    the_erp(legal_entity_id)
    with writing():
        gate.stop(legal_entity_id, because=_("Paused by %(who)s.") % {"who": request.person.name})
    return back(request, "paused")


@require_POST
@for_staff(Permission.CONNECT)
def resume(request: StaffRequest, legal_entity_id: UUID) -> HttpResponse:
    """Let postings go on that were paused here."""
    the_erp(legal_entity_id)
    try:
        with writing():
            gate.release_stop(legal_entity_id, note=_("Resumed on the page of connections."))
    except RuleBroken:
        return back(request, "resumed")  # it goes on already
    return back(request, "resumed")


def back(request: StaffRequest, done: str) -> HttpResponse:
    """Lead to the page of connections, which says what was done."""
    return hx_redirect(request, f"{reverse('backoffice:connections')}?done={done}")


def the_erp(legal_entity_id: UUID) -> ErpConnection:
    """Return the connection of a legal entity. Another organization's is a 404."""
    with reading():
        rows = ErpConnection.objects.select_related("legal_entity")
        found = rows.filter(legal_entity_id=legal_entity_id).first()
    if found is None:
        raise Http404
    return found


def the_gateway(account_id: UUID) -> GatewayAccount:
    """Return a gateway account. Another organization's is a 404."""
    with reading():
        found = _gateways().filter(pk=account_id).first()
    if found is None:
        raise Http404
    return found


def _gateways() -> QuerySet[GatewayAccount]:
    """Bank accounts have a page of their own: nobody is asked there."""
    return GatewayAccount.objects.exclude(kind=KIND)


def _erps() -> list[dict[str, Any]]:
    rows = ErpConnection.objects.select_related("legal_entity").order_by("legal_entity__name")
    gates = {each.legal_entity_id: each for each in PostingGate.objects.all()}
    counted = PostingRule.objects.values_list("legal_entity_id").annotate(Count("pk"))
    rules = dict(counted)
    return [
        erp_card(
            row, state_of(row.legal_entity_id), gates.get(row.legal_entity_id),
            rules.get(row.legal_entity_id, 0),
        )
        for row in rows
    ]  # fmt: skip
