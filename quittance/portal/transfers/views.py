"""Announced bank transfers: the list, one with its instruction, its file, and taking it back."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.identity.permissions import BuyerPermission
from quittance.payments.payers import names_of
from quittance.portal.access import BuyerRequest, for_buyer
from quittance.portal.transfers.records import (
    Whole,
    code_of,
    events_of,
    headline_of,
    parts_of,
    some_transfers,
    whole_transfer,
)
from quittance.tenancy.rows import reading
from quittance.transfers.announce import cancel
from quittance.transfers.pain001 import PayerUnclear, payer_of, payment_file
from quittance.ui.files import xml_answer
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import page
from quittance.ui.sentences import sentence_for

_TYPED = ("name", "account", "bic", "day")


@require_GET
@for_buyer(BuyerPermission.SEE)
def transfers(request: BuyerRequest) -> HttpResponse:
    """Every announced transfer of the account, the newest first."""
    with reading():
        found = some_transfers(request.account.id)
    names = names_of({each.user_id for each in found})
    return page(
        request, "portal/transfers/list.html", nav="payments", rows=found, names=names,
        accounts=request.accounts, account=request.account,
        codes=len({each.currency for each in found}) > 1,
    )  # fmt: skip


@require_GET
@for_buyer(BuyerPermission.SEE)
def transfer(request: BuyerRequest, announcement_id: UUID) -> HttpResponse:
    """One transfer: what to tell the bank, and what became of it."""
    return _transfer(request, _whole(announcement_id))


@require_POST
@for_buyer(BuyerPermission.PAY)
def take_back(request: BuyerRequest, announcement_id: UUID) -> HttpResponse:
    """Take a transfer back that was announced."""
    whole = _whole(announcement_id)
    try:
        cancel(announcement_id)
    except RuleBroken as error:
        return _transfer(request, whole, errors=[("", sentence_for(error))], status=409)
    path = reverse("portal:transfer", kwargs={"announcement_id": announcement_id})
    return hx_redirect(request, path)


@require_POST
@for_buyer(BuyerPermission.PAY)
def bank_file(request: BuyerRequest, announcement_id: UUID) -> HttpResponse:
    """The file that the payer's bank takes. What is typed for it is not kept."""
    whole = _whole(announcement_id)
    if not whole.is_open:
        raise Http404
    typed = {name: request.POST.get(name, "").replace("\0", "")[:140] for name in _TYPED}
    try:
        payer = payer_of(
            name=typed["name"], account=typed["account"], bic_=typed["bic"],
            needs_iban=whole.announcement.currency == "EUR" and bool(whole.account.iban),
        )  # fmt: skip
        day = _day(typed["day"])
    except PayerUnclear as error:
        return _transfer(
            request, whole, errors=[(error.field, str(error))], typed=typed, status=422
        )
    made = payment_file(
        whole.announcement, whole.account, payer, made_at=clock.now(), execute_on=day
    )
    return xml_answer(made, name=f"{whole.announcement.number}-pain.001.001.09")


def _transfer(
    request: BuyerRequest,
    whole: Whole,
    *,
    errors: list[tuple[str, str]] | None = None,
    typed: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    told = whole.announcement
    names = names_of({told.user_id})
    headline, line, symbol, tone = headline_of(whole)
    return page(
        request, "portal/transfers/transfer.html", status=status, nav="payments",
        told=told, account_to=whole.account, lines=whole.lines, is_open=whole.is_open,
        headline=headline, line=line, symbol=symbol, tone=tone, parts=parts_of(whole),
        code=code_of(whole) if whole.is_open else None, errors=errors or [],
        events=events_of(whole, by=names.get(told.user_id, _("A colleague"))),
        typed=typed or {"name": request.account.name, "account": "", "bic": "", "day": ""},
        tomorrow=_tomorrow().isoformat(), accounts=request.accounts, account=request.account,
    )  # fmt: skip


def _day(text: str) -> date:
    """Read the day on which the bank shall pay. Raises ``PayerUnclear`` for one that is over."""
    if not text:
        return _tomorrow()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise PayerUnclear("day", _("Write the day as year-month-day.")) from None
    if not clock.now().date() <= day <= clock.now().date() + timedelta(days=365):
        raise PayerUnclear("day", _("Choose a day from today on, within a year."))
    return day


def _tomorrow() -> date:
    return clock.now().date() + timedelta(days=1)


def _whole(announcement_id: UUID) -> Whole:
    with reading():
        found = whole_transfer(announcement_id)
    if found is None:
        raise Http404
    return found
