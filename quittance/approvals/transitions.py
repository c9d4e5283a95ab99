"""What a request for approval may become."""

from __future__ import annotations

from typing import Final

from quittance.approvals.models import ApprovalRequest
from quittance.core.errors import RuleBroken
from quittance.tenancy.moving import move

S = ApprovalRequest.Status
REQUEST: Final[dict[str, frozenset[str]]] = {
    S.ASKED: frozenset({S.APPROVED, S.REFUSED, S.WITHDRAWN, S.OUTDATED}),
    S.APPROVED: frozenset({S.USED, S.WITHDRAWN, S.OUTDATED}),
    S.USED: frozenset(),
    S.REFUSED: frozenset(),
    S.WITHDRAWN: frozenset(),
    S.OUTDATED: frozenset(),
}


class DecidedAlready(RuleBroken):
    """This request has moved on meanwhile. Nothing was changed: look at it as it is now."""


def move_request(request: ApprovalRequest, to: str, *, cause: str, **changes: object) -> None:
    """Change the status, inside a transaction; see ``move``. Raises ``DecidedAlready``.

    Also when it is ``to`` already: of two who decide, one alone has decided.
    """
    if to not in REQUEST[request.status]:
        raise DecidedAlready
    move(request, REQUEST, to, cause=cause, changes=changes, lost=DecidedAlready)
