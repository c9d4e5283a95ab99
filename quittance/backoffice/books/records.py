"""Reads what the three books say of each other, for the page that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from procrastinate.contrib.django.models import ProcrastinatePeriodicDefer

from quittance.connections.models import GatewayAccount
from quittance.core.money import Money
from quittance.ledger import accounts
from quittance.ledger.record import balances
from quittance.reconciliation.catalogue import CATALOGUE
from quittance.reconciliation.models import BooksCursor, Finding, Payout
from quittance.transfers.accounts import KIND

PAYOUTS: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What one gateway owes us in one currency: by our ledger, and by its own word."""

    gateway: str
    ours: Money
    theirs: Money | None  # ``None``: it shows no books, or they were not read yet
    read_at: datetime | None
    failure: str  # why its books could not be read the last time

    @property
    def differs(self) -> bool:
        """Whether the two say different amounts: also because something has moved since."""
        return self.theirs is not None and self.theirs != self.ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How far one gateway account's own books were read, by what the reader wrote down."""

    gateway: str
    active: bool
    read_at: datetime | None  # the mirror holds the books of then
    balance_at: datetime | None  # its balance was asked then, with the mirror complete
    failed_at: datetime | None
    failure: str  # why not, the last time; empty when that went well


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The last time that everything was compared."""

    checks: int
    findings: int
    begun_at: datetime | None  # by the clock of the jobs


def holdings() -> list[Holding]:
    """Return each gateway account's balances, in a transaction of the caller."""
    cursors = {each.gateway_account_id: each for each in BooksCursor.objects.all()}
    found = []
    for account in GatewayAccount.objects.exclude(kind=KIND).order_by("name", "pk"):
        cursor = cursors.get(account.pk)
        held = cursor.held if cursor and cursor.held_at else {}
        ours = balances(accounts.gateway_clearing(account.pk))
        for currency in sorted({*ours, *held}):
            theirs = Money(held.get(currency, 0), currency) if cursor and cursor.held_at else None
            found.append(
                Holding(
                    gateway=account.name,
                    ours=ours.get(currency, Money(0, currency)),
                    theirs=theirs,
                    read_at=cursor.held_at if cursor else None,
                    failure=cursor.failure if cursor else "",
                )
            )
    return found


def readings() -> list[Reading]:
    """Return when each gateway's books were read last, in a transaction of the caller."""
    cursors = {each.gateway_account_id: each for each in BooksCursor.objects.all()}
    found = []
    for account in GatewayAccount.objects.exclude(kind=KIND).order_by("name", "pk"):
        cursor = cursors.get(account.pk)
        found.append(
            Reading(
                gateway=account.name,
                active=account.is_active,
                read_at=cursor.succeeded_at if cursor else None,
                balance_at=cursor.held_at if cursor else None,
                failed_at=cursor.failed_at if cursor and cursor.failure else None,
                failure=cursor.failure if cursor else "",
            )
        )
    return found


def last_look() -> Look:
    """Return when everything was last compared and what is open, in a caller's transaction."""
    begun = ProcrastinatePeriodicDefer.objects.filter(task_name="reconciliation.watch")
    last = begun.order_by("-defer_timestamp").values_list("defer_timestamp", flat=True).first()
    return Look(
        checks=len(CATALOGUE),
        findings=Finding.objects.filter(status=Finding.Status.OPEN).count(),
        begun_at=datetime.fromtimestamp(last, tz=UTC) if last else None,
    )


def payouts() -> list[Payout]:
    """Return the last payouts, the newest first, in a transaction of the caller."""
    found = Payout.objects.select_related("gateway_account")
    return list(found.order_by("-made_at", "-pk")[:PAYOUTS])


def since(today: date, days: int) -> date:
    """Return the first of so many days up to today."""
    return date.fromordinal(today.toordinal() - days + 1)
