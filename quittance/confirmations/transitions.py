"""What a request for a second person's word may become."""

from __future__ import annotations

from typing import Final

from quittance.confirmations.models import Confirmation
from quittance.core.errors import RuleBroken
from quittance.tenancy.moving import move

S = Confirmation.Status
CONFIRMATION: Final[dict[str, frozenset[str]]] = {
    S.ASKED: frozenset({S.CONFIRMED, S.REFUSED, S.WITHDRAWN, S.EXPIRED}),
    S.CONFIRMED: frozenset({S.DONE, S.WITHDRAWN, S.EXPIRED}),
    S.DONE: frozenset(),
    S.REFUSED: frozenset(),
    S.WITHDRAWN: frozenset(),
    S.EXPIRED: frozenset(),
}


class DecidedAlready(RuleBroken):
    """This request has moved on meanwhile. Nothing was changed: look at it as it is now."""


def move_on(row: Confirmation, to: str, *, cause: str, **changes: object) -> None:
    """Change the status, inside a transaction; see ``move``. Raises ``DecidedAlready``.

    Also when it is ``to`` already: of two who decide, one alone has decided. What ends forgets what
    was sealed.
    """
    if to not in CONFIRMATION[row.status]:
        raise DecidedAlready
    if not CONFIRMATION[S(to)]:
        changes["sealed"] = b""
    move(row, CONFIRMATION, to, cause=cause, changes=changes, lost=DecidedAlready)
