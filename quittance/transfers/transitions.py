"""What an announced transfer and an entry of a bank statement may become."""

from __future__ import annotations

from typing import Final

from quittance.approvals.pledges import drop_pledge
from quittance.core.errors import RuleBroken
from quittance.tenancy.moving import move
from quittance.transfers.models import Announcement, BankEntry

A, E = Announcement.Status, BankEntry.Status
ANNOUNCEMENT: Final[dict[str, frozenset[str]]] = {
    A.ANNOUNCED: frozenset({A.MATCHED, A.SETTLED, A.CANCELLED, A.LAPSED}),
    A.MATCHED: frozenset(),
    # Money that comes after all is booked for it by a person.
    A.SETTLED: frozenset({A.MATCHED}),
    A.CANCELLED: frozenset({A.MATCHED}),
    A.LAPSED: frozenset({A.MATCHED}),
}
ENTRY: Final[dict[str, frozenset[str]]] = {
    E.WAITING: frozenset({E.MATCHED, E.SET_ASIDE}),
    E.MATCHED: frozenset(),
    E.SET_ASIDE: frozenset({E.WAITING}),
}


class DecidedMeanwhile(RuleBroken):
    """Somebody else has decided this meanwhile. Nothing was booked twice: look at it again."""


def move_announcement(
    announcement: Announcement, to: str, *, cause: str, **changes: object
) -> bool:
    """Change the status of an announced transfer, inside a transaction. See ``move``.

    It counts for its payer's month (approvals) until it is taken back, lapses, or is a payment;
    one whose money the ERP shows by itself goes on counting.
    """
    if to != A.SETTLED:
        drop_pledge(announcement.pk)
    return move(announcement, ANNOUNCEMENT, to, cause=cause, changes=changes, lost=DecidedMeanwhile)


def move_entry(entry: BankEntry, to: str, *, cause: str, **changes: object) -> bool:
    """Change the status of an entry, inside a transaction. See ``move``."""
    return move(entry, ENTRY, to, cause=cause, changes=changes, lost=DecidedMeanwhile)
