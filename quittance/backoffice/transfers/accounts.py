"""The seller's bank accounts: one form, in which what cannot be right is told field by field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.transfers.changes import Draft, draft_account, keep_draft, packed
from quittance.confirmations.models import Kind
from quittance.confirmations.requests import Wish, ask, waiting_about
from quittance.confirmations.rules import wants_second
from quittance.core.errors import RuleBroken
from quittance.identity.permissions import Permission
from quittance.tenancy.models import LegalEntity
from quittance.tenancy.rows import reading, writing
from quittance.transfers.accounts import CannotBeRight, Told
from quittance.transfers.models import BankAccount
from quittance.ui.fresh import needs_fresh
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import page
from quittance.ui.sentences import sentence_for


@require_GET
@for_staff(Permission.CONNECT)
def new_account(request: StaffRequest) -> HttpResponse:
    """An empty form."""
    return _form(request, Told(), None)


@require_GET
@for_staff(Permission.CONNECT)
def account(request: StaffRequest, account_id: UUID) -> HttpResponse:
    """One account, to be changed."""
    row = _row(account_id)
    told = Told(**{each.name: getattr(row, each.name) for each in fields(Told)})
    return _form(request, told, row)


@require_POST
@for_staff(Permission.CONNECT)
@needs_fresh
def keep_new_account(request: StaffRequest) -> HttpResponse:
    """Keep a new account."""
    return _keep(request, None)


@require_POST
@for_staff(Permission.CONNECT)
@needs_fresh
def change_account(request: StaffRequest, account_id: UUID) -> HttpResponse:
    """Change an account, or switch it off or on."""
    return _keep(request, _row(account_id))


def _about(row: BankAccount) -> str:
    return f"bank account:{row.pk}"


def _keep(request: StaffRequest, row: BankAccount | None) -> HttpResponse:
    """Keep it, or have another person confirm it where the organization wants one."""
    told = Told.typed(request.POST.dict())
    entity = row.legal_entity if row else _entity(request.POST.get("legal_entity", ""))
    active, done = row is None or bool(request.POST.get("is_active")), "account"
    try:
        with reading():
            draft = draft_account(entity, told, row=row, is_active=active)
            second = wants_second(Kind.BANK_ACCOUNTS) and not draft.only_ends
        if second:
            done = "asked"
            with writing():
                ask(_wish(draft, note=request.POST.get("second_note", "")), by=request.person)
        else:
            keep_draft(draft)
    except CannotBeRight as error:
        return _form(request, told, row, errors=error.problems)
    except RuleBroken as error:
        return _form(request, told, row, errors=[("", sentence_for(error))], status=409)
    return hx_redirect(request, f"{reverse('backoffice:bank')}?done={done}")


def _wish(draft: Draft, *, note: str) -> Wish:
    new = f"new bank account:{draft.legal_entity.pk}:{draft.told.currency}"
    words = _("Bank account %(name)s") if draft.row else _("New bank account %(name)s")
    return Wish(
        kind=Kind.BANK_ACCOUNTS, about=_about(draft.row) if draft.row else new,
        subject_id=draft.account_id, title=words % {"name": draft.name}, shown=draft.shown,
        content=packed(draft), note=note,
    )  # fmt: skip


def _form(
    request: StaffRequest,
    told: Told,
    row: BankAccount | None,
    *,
    errors: Sequence[tuple[str, str]] = (),
    status: int = 422,
) -> HttpResponse:
    with reading():
        entities = list(LegalEntity.objects.order_by("name"))
        second = wants_second(Kind.BANK_ACCOUNTS)
        waits = waiting_about([_about(row)]).get(_about(row)) if row else None
    return page(
        request, "backoffice/transfers/account.html", status=status if errors else 200, nav="bank",
        second=second, waits=waits, told=told, row=row, entities=entities, errors=errors,
        chosen=request.POST.get("legal_entity", ""), **request.frame,
    )  # fmt: skip


def _entity(text: str) -> LegalEntity:
    try:
        entity_id = UUID(text)
    except ValueError:
        raise Http404 from None
    with reading():
        found = LegalEntity.objects.filter(pk=entity_id).first()
    if found is None:
        raise Http404
    return found


def _row(account_id: UUID) -> BankAccount:
    with reading():
        rows = BankAccount.objects.select_related("legal_entity")
        found = rows.filter(pk=account_id).first()
    if found is None:
        raise Http404
    return found
