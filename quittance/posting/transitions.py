"""What a posting may become: one table, and the claim that lets one worker change it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from quittance.core.errors import QuittanceError
from quittance.posting.models import ErpPosting
from quittance.tenancy.moving import IllegalTransition
from quittance.tenancy.rows import because, writing

S = ErpPosting.Status
NEXT: Final[dict[str, frozenset[str]]] = {
    # Replaced: before anything was sent the ERP said that its lines cannot be applied so.
    S.QUEUED: frozenset({S.SENDING, S.BY_HAND, S.REPLACED}),
    S.SENDING: frozenset({S.DRAFTED, S.POSTED, S.UNKNOWN, S.REJECTED, S.QUEUED}),
    S.UNKNOWN: frozenset({S.SENDING, S.DRAFTED, S.POSTED}),
    S.DRAFTED: frozenset({S.SENDING, S.POSTED}),
    S.POSTED: frozenset({S.CONFIRMED}),
    S.CONFIRMED: frozenset(),
    S.REJECTED: frozenset({S.QUEUED, S.HANDLED, S.REPLACED}),  # by a person only
    # Replaced: what it takes back was posted otherwise meanwhile.
    S.BY_HAND: frozenset({S.CONFIRMED, S.HANDLED, S.REPLACED}),
    S.HANDLED: frozenset({S.QUEUED}),  # by a person only, who was wrong before
    S.REPLACED: frozenset(),
}
LEASE = timedelta(seconds=120)  # longer than any one call of ours may take


class LostClaim(QuittanceError):
    """Another worker has taken the posting over; this one does and writes nothing more."""


def claim(posting: ErpPosting) -> bool:
    """Take the posting for ``LEASE``; ``False`` while another worker has it, or has moved it on.

    Whoever slept since they read it knows a posting that is not there any more. The fence that is
    raised here stands in every later write, so that a worker that slept through its lease cannot
    write. By the database's clock.
    """
    with writing():
        taken = _free(posting).update(fence=F("fence") + 1, lease_until=Now() + LEASE)
        if taken:
            posting.refresh_from_db()
    return bool(taken)


def lay_down(posting: ErpPosting) -> None:
    """Have nobody look at a posting until something else wakes it; not while a worker has it."""
    with writing():
        _free(posting).update(fence=F("fence") + 1, lease_until=None, next_at=None)


def _free(posting: ErpPosting) -> QuerySet[ErpPosting]:
    return ErpPosting.objects.filter(pk=posting.pk, status=posting.status).filter(
        Q(lease_until__isnull=True) | Q(lease_until__lt=Now())
    )


def still_mine(posting: ErpPosting) -> None:
    """Make sure, just before something is sent, that no other worker has taken over.

    Raises ``LostClaim``.
    """
    with writing():
        mine = ErpPosting.objects.filter(pk=posting.pk, fence=posting.fence, lease_until__gt=Now())
        if mine.update(lease_until=Now() + LEASE) != 1:
            raise LostClaim(posting=str(posting.pk))


def move(posting: ErpPosting, to: str, *, cause: str, **changes: object) -> None:
    """Change the status of a posting that we hold, in a transaction of its own, and keep the claim.

    Raises ``IllegalTransition``, or ``LostClaim``.
    """
    _check(posting, to)
    with writing(cause):
        _write(posting, status=to, **changes)


def step(posting: ErpPosting, to: str, *, cause: str, **changes: object) -> None:
    """Change the status of a posting that we hold, in a transaction of the caller. See ``move``."""
    _check(posting, to)
    because(cause)
    _write(posting, status=to, **changes)


def _check(posting: ErpPosting, to: str) -> None:
    if to not in NEXT[posting.status]:
        raise IllegalTransition(posting=str(posting.pk), status=posting.status, to=to)


def note(posting: ErpPosting, **changes: object) -> None:
    """Write something down about a posting that we hold. Raises ``LostClaim``."""
    with writing():
        _write(posting, **changes)


def release(posting: ErpPosting, *, next_at: datetime | None, **changes: object) -> None:
    """Give the posting back; the sweep looks at it again at ``next_at`` (never, if ``None``)."""
    with writing():
        _write(posting, next_at=next_at, lease_until=None, **changes)


def _write(posting: ErpPosting, **changes: object) -> None:
    mine = ErpPosting.objects.filter(pk=posting.pk, fence=posting.fence, status=posting.status)
    if mine.update(**changes) != 1:
        raise LostClaim(posting=str(posting.pk))
    for name, value in changes.items():
        setattr(posting, name, value)
