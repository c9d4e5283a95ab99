"""Reads announced transfers for the pages, and says in words where each of them is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from quittance.portal.timeline import Event
from quittance.transfers.closing import LAPSES_AFTER
from quittance.transfers.models import AnnouncedLine, Announcement, BankAccount
from quittance.transfers.qr import Code, code_for
from quittance.transfers.reference import grouped

A = Announcement.Status
_MOST: Final = 100  # on one page; older ones are found by their payment


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """An announced transfer with its account and its invoices."""

    announcement: Announcement
    account: BankAccount
    lines: Sequence[AnnouncedLine]

    @property
    def is_open(self) -> bool:
        """Whether money is awaited."""
        return self.announcement.status == A.ANNOUNCED


def some_transfers(account_id: UUID) -> list[Announcement]:
    """Return the transfers of a customer account, the newest first, in a caller's transaction."""
    rows = Announcement.objects.filter(customer_account_id=account_id)
    return list(rows.select_related("bank_account").order_by("-created_at", "-pk")[:_MOST])


def whole_transfer(announcement_id: UUID) -> Whole | None:
    """Return one transfer that the scope may see, in a transaction of the caller."""
    rows = Announcement.objects.select_related("bank_account")
    found = rows.filter(pk=announcement_id).first()
    if found is None:
        return None
    lines = found.lines.select_related("invoice").order_by("invoice__due_date", "invoice__number")
    return Whole(announcement=found, account=found.bank_account, lines=list(lines))


def parts_of(whole: Whole) -> list[tuple[str, str, str]]:
    """Return what a payer types at their bank: a word, how it is read, how it is copied."""
    account, told = whole.account, whole.announcement
    rows = [
        (_("To"), account.owner, account.owner),
        (_("IBAN"), grouped(account.iban), account.iban),
        (_("Account number"), account.number, account.number),
        (_("Routing number"), account.bank_code, account.bank_code),
        (_("BIC"), account.bic, account.bic),
        (_("Bank"), account.bank_name, ""),
        (_("Reference"), grouped(told.reference), told.reference),
    ]
    return [row for row in rows if row[1]]


def code_of(whole: Whole) -> Code | None:
    """Return the QR code for the payer's banking app, where a standard fits."""
    told = whole.announcement
    return code_for(whole.account, told.amount, told.reference, message=told.number)


def headline_of(whole: Whole) -> tuple[str, str, str, str]:
    """Return headline, a line below it, icon and tone."""
    status = whole.announcement.status
    if status == A.MATCHED:
        return _("Your transfer came"), _("Thank you."), "check", "good"
    if status == A.SETTLED:
        line = _("The seller’s books show these invoices as paid. Do not transfer it again.")
        return _("The invoices are paid"), line, "check", "good"
    if status == A.CANCELLED:
        line = _("Do not make this transfer. If you have made it already, the seller finds it.")
        return _("You took this transfer back"), line, "x", "quiet"
    if status == A.LAPSED:
        line = _("No money came in %(days)s days. If you still want to pay, choose the invoices.")
        return _("This transfer never came"), line % {"days": LAPSES_AFTER.days}, "clock", "quiet"
    line = _("Tell your bank to pay this, with the reference as it stands here.")
    return _("Transfer this amount"), line, "building-bank", "info"


def events_of(whole: Whole, *, by: str) -> list[Event]:
    """Return what happened and what comes next."""
    told = whole.announcement
    first = Event(title=_("Announced"), detail=by, at=told.created_at, icon="check", tone="good")
    if told.status == A.ANNOUNCED:
        until = told.created_at + LAPSES_AFTER
        return [
            first,
            Event(
                title=_("Waiting for the money"), icon="hourglass", tone="info",
                detail=_("Most banks take one to three business days."),
            ),
            Event(title=_("Invoices paid"), detail=_("You get a receipt by mail."), todo=True),
            Event(title=_("Ends by itself if nothing comes"), at=until.date(), todo=True),
        ]  # fmt: skip
    title, line, symbol, tone = headline_of(whole)
    address = ""
    if told.payment_id:
        line = _("To the receipt")
        address = reverse("portal:payment", kwargs={"payment_id": told.payment_id})
    return [
        first,
        Event(title=title, detail=line, at=told.ended_at, icon=symbol, tone=tone, address=address),
    ]
