"""The pages of the bank: what came and waits, and one movement with its ways out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.views.decorators.http import require_GET

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.transfers import records
from quittance.confirmations.models import Kind
from quittance.confirmations.requests import waiting_of
from quittance.identity.permissions import Permission, may, may_decide
from quittance.tenancy.rows import reading
from quittance.transfers.models import BankEntry
from quittance.ui.pages import locale_for, page

DONE: Final = {
    "read": noop("The file is read. What fits exactly is booked; the rest waits here."),
    "old": noop("Nothing in this file is new. Nothing was kept."),
    "typed": noop("The movement is kept."),
    "booked": noop("Booked. The ERP is told now."),
    "aside": noop("Set aside."),
    "back": noop("It waits again."),
    "same": noop("It still waits: nothing fits it exactly."),
    "account": noop("The bank account is kept."),
    "asked": noop("Another person has to confirm it. Until then buyers pay as before."),
}


@require_GET
@for_staff(Permission.SEE_BOOKS)
def bank(request: StaffRequest) -> HttpResponse:
    """What waits, what is awaited, and what was done last."""
    return bank_page(request)


def bank_page(
    request: StaffRequest, *, errors: Sequence[tuple[str, str]] = (), status: int = 200
) -> HttpResponse:
    """Return the page of the bank, with what was wrong in the form that was sent."""
    done = DONE.get(request.GET.get("done", ""), "")
    with reading():
        found: dict[str, Any] = {
            "entries": records.waiting(), "decided": records.decided(),
            "awaited": records.awaited(), "statements": records.statements(),
            "accounts": records.accounts(), "wait": waiting_of(Kind.BANK_ACCOUNTS),
            "readable": records.read_here(),
        }  # fmt: skip
    return page(
        request, "backoffice/transfers/bank.html", status=status, nav="bank", **found,
        done=_(done) if done else "", errors=errors,
        codes=len({each.currency for each in found["accounts"]}) > 1,
        may_read=may(request.person, Permission.HANDLE),
        may_connect=may(request.person, Permission.CONNECT), **request.frame,
    )  # fmt: skip


@require_GET
@for_staff(Permission.SEE_BOOKS)
def entry(request: StaffRequest, entry_id: UUID) -> HttpResponse:
    """One movement: what the bank told, what it may be, and what can be done."""
    return entry_page(request, entry_id, number=request.GET.get("transfer", "")[:40])


def entry_page(
    request: StaffRequest,
    entry_id: UUID,
    *,
    number: str = "",
    typed: Mapping[str, Any] | None = None,
    errors: Sequence[tuple[str, str]] = (),
    status: int = 200,
) -> HttpResponse:
    """Return the page of one movement, with what was wrong in the form that was sent."""
    done = DONE.get(request.GET.get("done", ""), "")
    number = number.replace("\0", "")
    with reading():
        found = records.the_entry(entry_id)
        if found is None:
            raise Http404
        told = records.transfer_for(found, number)
        shares = records.shares_of(
            found, told, locale=locale_for(request), typed=typed or {}
        ) if told else []  # fmt: skip
        may_book = may_decide(request.person, Permission.REALLOCATE, found.amount)
    return page(
        request, "backoffice/transfers/entry.html", status=status, nav="bank", entry=found,
        told=told, shares=shares, number=number, errors=errors,
        typed={"customer": "", "note": "", **(typed or {})},
        unknown=bool(number) and told is None, done=_(done) if done else "",
        waits=found.status == BankEntry.Status.WAITING, may_book=may_book,
        above=may(request.person, Permission.REALLOCATE),
        may_handle=may(request.person, Permission.HANDLE), **request.frame,
    )  # fmt: skip
