"""What a kept method and an attempt to save one may become."""

from __future__ import annotations

from typing import Final

from quittance.tenancy.moving import move
from quittance.wallet.models import KeptMethod, Saving

M, S = KeptMethod.Status, Saving.Status
METHOD: Final[dict[str, frozenset[str]]] = {
    M.VERIFYING: frozenset({M.ACTIVE, M.ENDED}),
    M.ACTIVE: frozenset({M.BLOCKED, M.ENDED}),
    M.BLOCKED: frozenset({M.ACTIVE, M.ENDED}),
    M.ENDED: frozenset(),
}
_ANSWERS: Final = frozenset({S.OPEN, S.VERIFYING, S.SAVED, S.FAILED, S.CANCELLED})
SAVING: Final[dict[str, frozenset[str]]] = {
    S.PREPARED: frozenset({S.SENT, S.CANCELLED}),
    S.SENT: _ANSWERS,
    S.OPEN: _ANSWERS - {S.OPEN},
    S.VERIFYING: frozenset({S.SAVED, S.FAILED, S.CANCELLED}),
    S.SAVED: frozenset(),
    # What the payer did after we had stopped waiting counts: the gateway keeps it, so we show it.
    S.FAILED: frozenset({S.VERIFYING, S.SAVED}),
    S.CANCELLED: frozenset({S.VERIFYING, S.SAVED}),
}


def move_method(method: KeptMethod, to: str, *, cause: str, **changes: object) -> bool:
    """Change the status of a kept method, inside a transaction. See ``move``."""
    return move(method, METHOD, to, cause=cause, changes=changes)


def move_saving(saving: Saving, to: str, *, cause: str, **changes: object) -> bool:
    """Change the status of a saving, inside a transaction. See ``move``."""
    return move(saving, SAVING, to, cause=cause, changes=changes)
