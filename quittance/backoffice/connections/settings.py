"""The settings of a connection: shown but for the secrets, tried out before they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.connections.views import back, the_erp, the_gateway
from quittance.confirmations.models import Kind
from quittance.confirmations.requests import Wish, ask
from quittance.confirmations.rules import wants_second
from quittance.connections.change import (
    Connection,
    Draft,
    Setting,
    changes_of,
    draft_erp,
    draft_gateway,
    keep_draft,
    label_of,
    packed,
    settings_to_show,
)
from quittance.connections.models import ErpConnection
from quittance.core.errors import OutsideError, RuleBroken
from quittance.erp.connecting import Tried
from quittance.identity.fresh import is_fresh
from quittance.identity.permissions import Permission
from quittance.payments.models import GatewayAttempt
from quittance.posting.queue import has_postings
from quittance.receivables.gone import read_anew
from quittance.tenancy.rows import reading, writing
from quittance.ui.fresh import needs_fresh, to_proof
from quittance.ui.pages import page
from quittance.ui.sentences import sentence_for

_MOST = 500  # characters of a setting


@require_GET
@for_staff(Permission.CONNECT)
@needs_fresh
def erp_settings(request: StaffRequest, legal_entity_id: UUID) -> HttpResponse:
    """The settings of an ERP connection."""
    return _form(request, the_erp(legal_entity_id))


@require_POST
@for_staff(Permission.CONNECT)
def keep_erp(request: StaffRequest, legal_entity_id: UUID) -> HttpResponse:
    """Try the settings out step by step, and keep them if all that is needed works."""
    if not is_fresh(request.session):
        arguments = {"legal_entity_id": legal_entity_id}
        return to_proof(request, then=reverse("backoffice:erp_settings", kwargs=arguments))
    row = the_erp(legal_entity_id)
    try:
        used = has_postings(legal_entity_id)
        draft = draft_erp(legal_entity_id, _typed(request), is_used=used)
    except OutsideError as error:
        return _again(request, row, error)
    if not draft.works:
        words = _("Not kept: a step failed. What to do stands beside it.")
        return _form(request, row, errors=[("", words)], tried=draft.tried, status=422)
    return _keep(request, draft)


@require_GET
@for_staff(Permission.CONNECT)
@needs_fresh
def gateway_settings(request: StaffRequest, account_id: UUID) -> HttpResponse:
    """The settings of a gateway account."""
    return _form(request, the_gateway(account_id))


@require_POST
@for_staff(Permission.CONNECT)
def keep_gateway(request: StaffRequest, account_id: UUID) -> HttpResponse:
    """Try the settings of a gateway account out, and keep them if it answers."""
    if not is_fresh(request.session):
        arguments = {"account_id": account_id}
        return to_proof(request, then=reverse("backoffice:gateway_settings", kwargs=arguments))
    row = the_gateway(account_id)
    try:
        draft = draft_gateway(account_id, _typed(request), is_used=took_money(account_id))
    except OutsideError as error:
        return _again(request, row, error)
    return _keep(request, draft)


def took_money(account_id: UUID) -> bool:
    """Say whether there were payments at a gateway account."""
    with reading():
        return GatewayAttempt.objects.filter(gateway_account_id=account_id).exists()


def about(row: Connection) -> str:
    """Return what a request for another person's word says that it is about."""
    return f"connection:{row.pk}"


def _keep(request: StaffRequest, draft: Draft) -> HttpResponse:
    """Keep what works, or have another person confirm it where the organization wants one."""
    row = draft.row
    with reading():
        second = wants_second(Kind.CREDENTIALS)
    if not second or not changes_of(draft):
        keep_draft(draft, read_anew=read_anew)
        return back(request, "kept")
    wish = Wish(
        kind=Kind.CREDENTIALS, about=about(row), subject_id=row.pk, content=packed(draft),
        title=_("Settings of %(name)s") % {"name": _name_of(row)}, shown=changes_of(draft),
        note=request.POST.get("second_note", ""),
    )  # fmt: skip
    try:
        with writing():
            ask(wish, by=request.person)
    except RuleBroken as error:
        return _form(request, row, errors=[("", sentence_for(error))], status=409)
    return back(request, "asked")


def _name_of(row: Connection) -> str:
    return row.legal_entity.name if isinstance(row, ErpConnection) else row.name


def _again(request: StaffRequest, row: Connection, error: OutsideError) -> HttpResponse:
    field = str(error.facts.get("field", ""))
    return _form(request, row, errors=[(field, str(error))], status=422)


def _form(
    request: StaffRequest,
    row: Connection,
    *,
    errors: Sequence[tuple[str, str]] = (),
    tried: Sequence[Tried] = (),
    status: int = 200,
) -> HttpResponse:
    if isinstance(row, ErpConnection):
        key = {"legal_entity_id": row.legal_entity_id}
        action = reverse("backoffice:keep_erp", kwargs=key)
    else:
        action = reverse("backoffice:keep_gateway", kwargs={"account_id": row.pk})
    with reading():
        second = wants_second(Kind.CREDENTIALS)
    return page(
        request, "backoffice/connections/settings.html", status=status, nav="connections",
        title=_name_of(row), label=label_of(row), action=action, tried=tried, second=second,
        settings=_shown(request, row), errors=_known(errors, row), **request.frame,
    )  # fmt: skip


def _shown(request: StaffRequest, row: Connection) -> list[Setting]:
    """What was typed stays, but for secrets: those are typed again."""
    shown = settings_to_show(row)
    if request.method != "POST":
        return shown
    typed = _typed(request)
    return [
        each if each.field.secret else replace(each, value=typed.get(each.field.name, ""))
        for each in shown
    ]


def _known(errors: Sequence[tuple[str, str]], row: Connection) -> list[tuple[str, str]]:
    """An error of a field that the form does not have stands on top only."""
    names = {each.field.name for each in settings_to_show(row)}
    return [(field if field in names else "", words) for field, words in errors]


def _typed(request: StaffRequest) -> dict[str, str]:
    values: dict[str, Any] = request.POST.dict()
    return {name: str(value).replace("\0", "")[:_MOST] for name, value in values.items()}
