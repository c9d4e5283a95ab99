"""What a request to come in may become."""

from __future__ import annotations

from typing import Final

from quittance.arrivals.models import JoinRequest
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.tenancy.moving import move

S = JoinRequest.Status
REQUEST: Final[dict[str, frozenset[str]]] = {
    S.ASKED: frozenset({S.LET_IN, S.REFUSED, S.EXPIRED}),
    S.LET_IN: frozenset(),
    S.REFUSED: frozenset(),
    S.EXPIRED: frozenset(),
}


class DecidedAlready(RuleBroken):
    """Somebody has decided this request meanwhile. Nothing was changed."""


def move_request(request: JoinRequest, to: str, *, cause: str, **changes: object) -> None:
    """Change the status, inside a transaction; see ``move``. Raises ``DecidedAlready``.

    Also when it is ``to`` already: of two who decide, one alone has decided.
    """
    if to not in REQUEST[request.status]:
        raise DecidedAlready
    changes = {"ended_at": clock.now(), **changes}
    move(request, REQUEST, to, cause=cause, changes=changes, lost=DecidedAlready)
