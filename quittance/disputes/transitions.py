"""What the dispute of an invoice may become."""

from __future__ import annotations

from typing import Final

from quittance.core.errors import RuleBroken
from quittance.disputes.models import InvoiceDispute
from quittance.tenancy.moving import move

S = InvoiceDispute.Status
_ENDS: Final = frozenset({S.REJECTED, S.WITHDRAWN, S.CLOSED})
DISPUTE: Final[dict[str, frozenset[str]]] = {
    S.OPEN: _ENDS | {S.WAITING, S.ACCEPTED},
    S.WAITING: _ENDS | {S.OPEN, S.ACCEPTED},
    # What was promised is kept: nobody says no, or takes it back, after the seller's yes.
    S.ACCEPTED: frozenset({S.CLOSED}),
    S.REJECTED: frozenset(),
    S.WITHDRAWN: frozenset(),
    S.CLOSED: frozenset(),
}


class MovedOn(RuleBroken):
    """This dispute has moved on meanwhile. Nothing was changed: look at it as it is now."""


def move_dispute(dispute: InvoiceDispute, to: str, *, cause: str, **changes: object) -> None:
    """Change the status, inside a transaction; see ``move``. Raises ``MovedOn``.

    Also when it is ``to`` already: each act is written down with its own sum and words, so a second
    one must not look as though it had been taken.
    """
    if to not in DISPUTE[dispute.status]:
        raise MovedOn
    move(dispute, DISPUTE, to, cause=cause, changes=changes, lost=MovedOn)
