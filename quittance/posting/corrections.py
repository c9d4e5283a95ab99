"""Has a second person confirm what one person decides about a large posting."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import IntegrityError

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.posting.models import Correction, ErpPosting
from quittance.tenancy.limits import one_person_may
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import current_scope

_WAITS, _DONE = Correction.Outcome.WAITS, Correction.Outcome.DONE


class SamePerson(RuleBroken):
    """You asked for this yourself: somebody else has to confirm it."""


class NothingWaits(RuleBroken):
    """This does not wait for anybody (any more)."""


class WaitsAlready(RuleBroken):
    """Something about this posting waits for a second person already: confirm or withdraw that."""


def needs_two(posting: ErpPosting) -> bool:
    """Say whether a decision about this posting needs a second person."""
    with reading():
        return not one_person_may(posting.amount)


def ask(
    posting: ErpPosting, act: str, *, note: str, lines: Sequence[Sequence[object]] = ()
) -> Correction:
    """Write down what one person wants; nothing else changes. Raises ``WaitsAlready``."""
    try:
        with writing():
            correction = Correction.objects.create(
                posting=posting, act=act, note=note[:500], lines=list(lines),
                asked_by=current_scope().actor,
            )  # fmt: skip
            record_event(
                f"asked to {act}", subject_kind="posting", subject_id=posting.pk, note=note
            )
    except IntegrityError:
        raise WaitsAlready from None
    return correction


def waiting(correction_id: UUID) -> Correction:
    """Return what waits and may be confirmed by the current actor, in a transaction of the caller.

    Raises ``NothingWaits``, ``SamePerson``.
    """
    correction = Correction.objects.filter(pk=correction_id, outcome=_WAITS).first()
    if correction is None:
        raise NothingWaits
    if correction.asked_by == current_scope().actor:
        raise SamePerson
    return correction


def done(correction: Correction | None) -> None:
    """Close what a second person confirmed, in the transaction that does it; ``None``: nothing.

    Raises ``NothingWaits`` when a third one was faster.
    """
    if correction is not None:
        _end(correction.pk, _DONE)


def withdraw_correction(correction_id: UUID) -> None:
    """Take back what was asked for; who asked may do that, and everybody else who could confirm.

    Raises ``NothingWaits``.
    """
    with writing():
        _end(correction_id, Correction.Outcome.WITHDRAWN)
        found = Correction.objects.get(pk=correction_id)
        record_event(
            f"withdrawn: {found.act}",
            subject_kind="posting",
            subject_id=found.posting_id,
            note=found.note,
        )


def _end(correction_id: UUID, outcome: str) -> None:
    rows = Correction.objects.filter(pk=correction_id, outcome=_WAITS)
    if not rows.update(outcome=outcome, ended_by=current_scope().actor, ended_at=clock.now()):
        raise NothingWaits
