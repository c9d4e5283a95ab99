"""What the AR team does at the bank: each act is a form of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.transfers import records
from quittance.backoffice.transfers.views import bank_page, entry_page
from quittance.core.errors import RuleBroken
from quittance.identity.permissions import Permission, may_decide
from quittance.tenancy.rows import reading
from quittance.transfers import deciding
from quittance.transfers.camt import MOST_BYTES
from quittance.transfers.matching import match, match_waiting, words_of
from quittance.transfers.models import BankAccount, BankEntry
from quittance.transfers.statements import keep_by_hand, keep_file
from quittance.ui.amounts import read_amount
from quittance.ui.bodies import takes_files
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import locale_for


@takes_files(MOST_BYTES)
@require_POST
@for_staff(Permission.HANDLE)
def read_file(request: StaffRequest) -> HttpResponse:
    """Read a bank's file, and book what fits exactly."""
    file = request.FILES.get("file")
    if file is None or not file.size:
        return bank_page(request, errors=[("file", _("Choose a file of your bank."))], status=422)
    try:
        kept = keep_file(file.file, name=str(file.name), size=file.size)  # type: ignore[arg-type]
    except RuleBroken as error:
        return bank_page(request, errors=[("file", str(error))], status=422)
    match_waiting()
    return _to_bank(request, "read" if kept.news else "old")


@require_POST
@for_staff(Permission.HANDLE)
def type_in(request: StaffRequest) -> HttpResponse:
    """Keep a movement that the clerk reads in the bank's pages, and match it."""
    text = {name: request.POST.get(name, "").replace("\0", "").strip()
            for name in ("account", "amount", "booked", "payer", "text")}  # fmt: skip
    account = _account(text["account"])
    try:
        amount = read_amount(text["amount"], account.currency, locale_for(request))
        booked = date.fromisoformat(text["booked"])
        entry = keep_by_hand(
            account.pk, amount=amount, booked=booked, payer=text["payer"], text=text["text"]
        )
    except RuleBroken as error:
        return bank_page(request, errors=[("amount", str(error))], status=422)
    except ValueError:
        words = _("Write the day as year-month-day.")
        return bank_page(request, errors=[("booked", words)], status=422)
    match(entry.pk)
    return _to_entry(request, entry.pk, "typed")


@require_POST
@for_staff(Permission.REALLOCATE)
def book(request: StaffRequest, entry_id: UUID) -> HttpResponse:
    """Book a movement for an announced transfer, with the amounts that were typed."""
    entry = _entry(entry_id)
    number = request.POST.get("transfer", "").replace("\0", "")[:40]
    typed = request.POST.dict()
    with reading():
        told = records.transfer_for(entry, number)
        shares = records.shares_of(entry, told, locale=locale_for(request), typed=typed) if (
            told) else []  # fmt: skip
    if told is None:
        raise Http404
    wrong, amounts = [], {}
    for share in shares:
        try:
            amount = read_amount(share.typed or "0", entry.currency, locale_for(request))
        except RuleBroken as error:
            wrong.append((share.name, f"{share.line.invoice.number}: {error}"))
            continue
        if amount.minor:
            amounts[share.line.invoice_id] = amount.minor
    if wrong:
        return entry_page(request, entry_id, number=number, typed=typed, errors=wrong, status=422)
    announcement_id = told.pk
    return _booked(
        request, entry, lambda: deciding.book_for(entry_id, announcement_id, amounts),
        number=number, typed=typed,
    )  # fmt: skip


@require_POST
@for_staff(Permission.REALLOCATE)
def on_account(request: StaffRequest, entry_id: UUID) -> HttpResponse:
    """Book a movement on a customer's account."""
    entry = _entry(entry_id)
    customer = request.POST.get("customer", "").replace("\0", "")[:40]
    return _booked(
        request, entry, lambda: deciding.book_on_account(entry_id, customer),
        typed={"customer": customer},
    )  # fmt: skip


@require_POST
@for_staff(Permission.HANDLE)
def set_aside(request: StaffRequest, entry_id: UUID) -> HttpResponse:
    """Say with a note that a movement is booked elsewhere, or none of ours."""
    _entry(entry_id)
    note = request.POST.get("note", "").replace("\0", "")[:500]
    try:
        deciding.set_aside(entry_id, note=note)
    except RuleBroken as error:
        return entry_page(
            request, entry_id, typed={"note": note}, errors=[("note", str(error))], status=422
        )
    return _to_bank(request, "aside")


@require_POST
@for_staff(Permission.HANDLE)
def look_again(request: StaffRequest, entry_id: UUID) -> HttpResponse:
    """Match a movement anew; one that was set aside waits again."""
    entry = _entry(entry_id)
    try:
        if entry.status == BankEntry.Status.SET_ASIDE:
            deciding.put_back(entry_id)
        else:
            deciding.look_again(entry_id)
    except RuleBroken as error:
        return entry_page(request, entry_id, errors=[("", str(error))], status=409)
    return _to_entry(request, entry_id, "booked" if match(entry_id) else "same")


def _booked(
    request: StaffRequest,
    entry: BankEntry,
    act: Callable[[], object],
    *,
    typed: dict[str, str],
    number: str = "",
) -> HttpResponse:
    """Do the act if this person may decide about so much money; the sweep tells the ERP."""
    with reading():
        allowed = may_decide(request.person, Permission.REALLOCATE, entry.amount)
    try:
        if not allowed:
            raise RuleBroken(_("It is more than one person may decide. Ask a manager."))
        act()
    except RuleBroken as error:
        errors = [("", words_of(error))]
        return entry_page(request, entry.pk, number=number, typed=typed, errors=errors, status=409)
    return _to_entry(request, entry.pk, "booked")


def _account(text: str) -> BankAccount:
    try:
        account_id = UUID(text)
    except ValueError:
        raise Http404 from None
    with reading():
        found = BankAccount.objects.filter(pk=account_id).first()
    if found is None:
        raise Http404
    return found


def _entry(entry_id: UUID) -> BankEntry:
    with reading():
        found = records.the_entry(entry_id)
    if found is None:
        raise Http404
    return found


def _to_bank(request: StaffRequest, done: str) -> HttpResponse:
    return hx_redirect(request, f"{reverse('backoffice:bank')}?done={done}")


def _to_entry(request: StaffRequest, entry_id: UUID, done: str) -> HttpResponse:
    path = reverse("backoffice:bank_entry", kwargs={"entry_id": entry_id})
    return hx_redirect(request, f"{path}?done={done}")
