"""What an announced transfer and an entry of a bank statement may become."""

from __future__ import annotations

from typing import Final

from quittance.core.errors import QuittanceError, RuleBroken
from quittance.tenancy.rows import because
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


class IllegalTransition(QuittanceError):
    """The life cycle has no such step."""


class DecidedMeanwhile(RuleBroken):
    """Somebody else has decided this meanwhile. Nothing was booked twice: look at it again."""


def move_announcement(
    announcement: Announcement, to: str, *, cause: str, **changes: object
) -> bool:
    """Change the status of an announced transfer, inside a transaction. See ``_move``."""
    return _move(announcement, ANNOUNCEMENT, to, cause, changes)


def move_entry(entry: BankEntry, to: str, *, cause: str, **changes: object) -> bool:
    """Change the status of an entry, inside a transaction. See ``_move``."""
    return _move(entry, ENTRY, to, cause, changes)


def _move(
    row: Announcement | BankEntry,
    steps: dict[str, frozenset[str]],
    to: str,
    cause: str,
    changes: dict[str, object],
) -> bool:
    """Change the status by compare-and-set. Returns ``False`` if it was ``to`` already.

    Raises ``IllegalTransition``, or ``DecidedMeanwhile`` when another worker was faster.
    """
    if row.status == to:
        return False
    if to not in steps[row.status]:
        raise IllegalTransition(subject=str(row.pk), status=row.status, to=to)
    because(cause[:200])
    found = type(row).objects.filter(pk=row.pk, status=row.status)
    if found.update(status=to, **changes) != 1:
        raise DecidedMeanwhile(subject=str(row.pk))
    row.status = to
    for name, value in changes.items():
        setattr(row, name, value)
    return True
