"""The seller's bank accounts: one form, in which what cannot be right is told field by field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.identity.permissions import Permission
from quittance.tenancy.models import LegalEntity
from quittance.tenancy.rows import reading
from quittance.transfers.accounts import CannotBeRight, Told, keep_account
from quittance.transfers.models import BankAccount
from quittance.ui.fresh import needs_fresh
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import page


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


def _keep(request: StaffRequest, row: BankAccount | None) -> HttpResponse:
    told = Told.typed(request.POST.dict())
    entity = row.legal_entity if row else _entity(request.POST.get("legal_entity", ""))
    try:
        keep_account(
            entity.pk, told, account_id=row.pk if row else None,
            is_active=row is None or bool(request.POST.get("is_active")),
        )  # fmt: skip
    except CannotBeRight as error:
        return _form(request, told, row, errors=error.problems)
    return hx_redirect(request, f"{reverse('backoffice:bank')}?done=account")


def _form(
    request: StaffRequest,
    told: Told,
    row: BankAccount | None,
    *,
    errors: Sequence[tuple[str, str]] = (),
) -> HttpResponse:
    with reading():
        entities = list(LegalEntity.objects.order_by("name"))
    return page(
        request, "backoffice/transfers/account.html", status=422 if errors else 200, nav="bank",
        told=told, row=row, entities=entities, errors=errors,
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
