"""Reads what the pages of the bank show, in transactions of the caller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from quittance.core.money import Money
from quittance.payments.owed import free_to_pay
from quittance.transfers.models import (
    AnnouncedLine,
    Announcement,
    BankAccount,
    BankEntry,
    BankStatement,
)
from quittance.ui.amounts import format_for_input

E = BankEntry.Status
_MOST: Final = 200  # rows of one list
_DONE: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """An invoice of an announced transfer, and how much of a movement may pay it."""

    line: AnnouncedLine
    free: Money
    typed: str

    @property
    def name(self) -> str:
        """The name of its field in the form."""
        return f"amount-{self.line.invoice_id}"


def waiting() -> list[BankEntry]:
    """Return the movements that wait for a person, the oldest first."""
    rows = BankEntry.objects.filter(status=E.WAITING)
    return list(
        rows.select_related("bank_account", "announcement").order_by("booked_date", "pk")[:_MOST]
    )


def decided() -> list[BankEntry]:
    """Return the last movements that are booked or set aside."""
    rows = BankEntry.objects.exclude(status=E.WAITING)
    return list(
        rows.select_related("bank_account", "payment", "customer_account").order_by(
            "-booked_date", "-pk"
        )[:_DONE]
    )


def awaited() -> list[Announcement]:
    """Return the transfers for which money is awaited, the oldest first."""
    rows = Announcement.objects.filter(status=Announcement.Status.ANNOUNCED)
    return list(
        rows.select_related("customer_account", "bank_account").order_by("created_at")[:_MOST]
    )


def statements() -> list[BankStatement]:
    """Return the last files that were read."""
    return list(BankStatement.objects.select_related("bank_account").order_by("-read_at")[:10])


def accounts() -> list[BankAccount]:
    """Return every bank account, those that are switched off last."""
    rows = BankAccount.objects.select_related("legal_entity")
    return list(rows.order_by("-is_active", "legal_entity__name", "currency", "pk"))


def read_here() -> list[BankAccount]:
    """Return the accounts whose statements are read here."""
    return [each for each in accounts() if each.booked_by == BankAccount.BookedBy.PORTAL]


def the_entry(entry_id: UUID) -> BankEntry | None:
    """Return one movement with everything beside it."""
    rows = BankEntry.objects.select_related(
        "bank_account__legal_entity", "statement", "announcement", "payment", "customer_account"
    )
    return rows.filter(pk=entry_id).first()


def transfer_for(entry: BankEntry, number: str) -> Announcement | None:
    """Return the transfer that somebody named, else the one that is suggested."""
    if not number:
        return entry.announcement
    plain = "".join(number.split()).upper()
    rows = Announcement.objects.filter(bank_account__legal_entity=entry.bank_account.legal_entity)
    return rows.filter(number=plain).first() or rows.filter(reference=plain).first()


def shares_of(
    entry: BankEntry, announcement: Announcement, *, locale: str, typed: Mapping[str, Any]
) -> Sequence[Share]:
    """Return the invoices of a transfer, each with as much as is left of the movement for it."""
    lines = list(
        announcement.lines.select_related("invoice", "customer_account").order_by(
            "invoice__due_date", "invoice__number"
        )
    )
    owed = free_to_pay([each.invoice_id for each in lines])
    left, found = max(0, entry.amount_minor), []
    for line in lines:
        free = owed[line.invoice_id].free if line.invoice_id in owed else line.amount - line.amount
        minor = min(left, line.amount_minor, free.minor)
        left -= minor
        shown = format_for_input(Money(minor, entry.currency), locale)
        name = f"amount-{line.invoice_id}"
        found.append(Share(line=line, free=free, typed=str(typed.get(name, shown))))
    return found
