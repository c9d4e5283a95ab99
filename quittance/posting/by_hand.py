"""What the ERP's interface cannot do, a person does there: they get the steps, we watch the ledger.

Looked at with growing intervals, and as soon as the ERP's ledger has moved. An ERP that can take a
payment back by itself would be asked here, before a person is.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from quittance.connections.open import erp_for
from quittance.core import clock
from quittance.core.errors import OutsideError, Refused
from quittance.erp.base import Erp
from quittance.jobs.later import next_look
from quittance.posting import gate
from quittance.posting.models import ErpPosting
from quittance.posting.post import later
from quittance.posting.transitions import LostClaim, claim, lay_down, move, note, release
from quittance.tenancy.rows import reading

log = logging.getLogger(__name__)
S = ErpPosting.Status
_FIRST_LOOK: Final = 2  # a minute: nobody is faster


@dataclass(frozen=True, slots=True)
class Done:
    """The ERP shows that a person has done it."""

    entries: str = ""  # the ERP's entry numbers
    document: str = ""  # the number under which it stands there


@dataclass(frozen=True, slots=True)
class Work:
    """What a person has to do for a posting, and how to see that it is done.

    Both raise ``OutsideError``; ``done`` raises ``Refused`` in words for a person when something
    else stands there than was asked for.
    """

    steps: Callable[[Erp], Sequence[str]]
    done: Callable[[Erp], Done | None]


def advance(posting: ErpPosting, work: Work) -> None:
    """Give the steps out, or renew them, and look whether they are done. Raises nothing."""
    if not claim(posting):
        return
    try:
        _advance(posting, work)
    except LostClaim:
        log.info("another worker goes on with posting %s", posting.pk)


def wait(posting: ErpPosting) -> None:
    """Let a posting lie until what it depends on is settled: that wakes the payment."""
    if posting.next_at is not None or posting.lease_until is not None:
        lay_down(posting)


def _advance(posting: ErpPosting, work: Work) -> None:
    with reading():
        closed_until = gate.closed_until(posting.legal_entity_id)
    if closed_until:
        return release(posting, next_at=closed_until)
    looks = posting.failures + 1
    next_at = next_look(max(posting.failures, _FIRST_LOOK))
    try:
        erp = erp_for(posting.legal_entity_id)
        _give(posting, list(work.steps(erp)))
        done = work.done(erp)
    except Refused as error:
        return release(posting, next_at=next_at, failures=looks, remark=str(error)[:1000])
    except OutsideError as error:
        return later(posting, error)
    if done is None:
        return release(posting, next_at=next_at, failures=looks, rejection="")
    # Confirmed and given back in one step: whoever died between two would have us look for ever.
    return move(
        posting, S.CONFIRMED, cause="the ERP shows that it was done", posted_at=clock.now(),
        erp_entries=done.entries[:500], facts={**posting.facts, "found": done.document},
        next_at=None, lease_until=None, failures=0, rejection="",
    )  # fmt: skip


def _give(posting: ErpPosting, steps: list[str]) -> None:
    if posting.status == S.QUEUED:
        cause = "the ERP's interface cannot do it: a person does"
        move(posting, S.BY_HAND, cause=cause, steps=steps)
    elif steps != posting.steps:
        note(posting, steps=steps)
