"""The queue of exceptions: everything that a person must look at, from whatever table, in one form.

A page reads ``waiting()`` and leads to the act that each row suggests; who looks after a row is
kept by ``take``; ``handle`` takes a finding off the list with a note, ``put_back`` does the
opposite.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from quittance.audit.models import AuditEvent
from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.identity.models import User
from quittance.payments.models import Payment, Reversal
from quittance.receivables.models import CustomerAccount
from quittance.reconciliation.models import Assignment, Finding
from quittance.reconciliation.rows import TITLES, Act, ExceptionRow, Kind
from quittance.reconciliation.sources import SOURCES, handled_findings
from quittance.reconciliation.transitions import move_finding
from quittance.tenancy.rows import writing

__all__ = [
    "TITLES",
    "Act",
    "ExceptionRow",
    "Handled",
    "Kind",
    "count",
    "find",
    "handle",
    "handled_lately",
    "put_back",
    "take",
    "waiting",
]
_NOTE: Final = 500
_HANDLED: Final = "finding handled"  # what the audit calls it


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """A finding that a person took off the list, and why."""

    row: ExceptionRow
    note: str
    by: User | None
    at: datetime


class NothingWaits(RuleBroken):
    """This does not wait any more: somebody was faster, or it was mended."""


class NoteMissing(RuleBroken):
    """Write down why this is all right, so that the next one need not ask again."""


def waiting(*, kinds: Collection[Kind] = (), limit: int = 500) -> list[ExceptionRow]:
    """Return what waits, the oldest first, in a transaction of the caller.

    Of each table at most ``limit`` rows are read: more at once is one cause, and is mended before
    anybody reads to the end. ``kinds`` narrows it; none means all.
    """
    rows = [row for row in _rows(limit) if not kinds or row.kind in kinds]
    return _with_names(sorted(rows, key=lambda row: (row.since, row.key))[:limit])


def count() -> int:
    """Return how many wait in all, by one query, in a transaction of the caller."""
    first, *others = (
        source.rows().order_by().values("pk") for sources in SOURCES.values() for source in sources
    )
    return first.union(*others, all=True).count()


def find(key: str) -> ExceptionRow | None:
    """Return the row with this key if it still waits, in a transaction of the caller."""
    table, _colon, row_id = key.partition(":")
    try:
        wanted = UUID(row_id)
    except ValueError:
        return None
    for source in SOURCES.get(table, ()):
        found = source.rows().filter(pk=wanted).first()
        if found is not None:
            return _with_names([source.row_of(found)])[0]
    return None


def take(key: str, *, owner_id: UUID | None) -> None:
    """Say who looks after a row; ``None``: nobody any more.

    Raises ``NothingWaits``, or ``RuleBroken`` for somebody who is none of the AR team.
    """
    with writing():
        row = find(key)
        if row is None:
            raise NothingWaits
        owner = _of_the_team(owner_id) if owner_id else None
        if owner is None:
            Assignment.objects.filter(key=key).delete()
        else:
            Assignment.objects.update_or_create(
                key=key, defaults={"owner": owner, "taken_at": clock.now()}
            )
        record_event(
            "exception assigned", subject_kind="exception", subject_id=row.subject_id, key=key,
            owner=owner.name if owner else "",
        )  # fmt: skip


def handle(key: str, *, note: str) -> None:
    """Take a finding off the list: a person says, with a note, that it is all right.

    It comes back when its facts change. Raises ``NothingWaits``, ``NoteMissing``.
    """
    words = " ".join(note.split())[:_NOTE]
    if not words:
        raise NoteMissing
    with writing():
        row = find(key)
        if row is None or not row.may_be_handled:
            raise NothingWaits
        finding = Finding.objects.select_for_update().get(pk=row.subject_id)
        handled = Finding.Status.HANDLED
        if not move_finding(finding, handled, cause=words, closed_at=clock.now(), note=words):
            raise NothingWaits
        record_event(
            _HANDLED, subject_kind="finding", subject_id=finding.pk, note=words, kind=finding.kind
        )


def handled_lately(*, limit: int = 100) -> list[Handled]:
    """Return what was handled and is as it was then, the latest first, in a caller's transaction.

    What was mended since is not among it, and what has changed since waits in the queue again.
    """
    findings, row_of = handled_findings()
    found = list(findings.order_by("-closed_at")[:limit])
    rows = _with_names([row_of(each) for each in found])
    events = AuditEvent.objects.filter(what=_HANDLED, subject_id__in=[each.pk for each in found])
    actors = {each.subject_id: each.actor for each in events.order_by("happened_at")}
    users = {f"user:{each.pk}": each for each in User.objects.exclude(staff_role="")}
    return [
        Handled(
            row=row, note=each.note, at=each.closed_at or each.last_seen_at,
            by=users.get(actors.get(each.pk, "")),
        )
        for row, each in zip(rows, found, strict=True)
    ]  # fmt: skip


def put_back(finding_id: UUID, *, note: str) -> None:
    """Let a finding wait again that was handled wrongly; ``note`` says why.

    Raises ``NothingWaits`` when it was mended or put back meanwhile, ``NoteMissing``.
    """
    words = " ".join(note.split())[:_NOTE]
    if not words:
        raise NoteMissing
    with writing():
        handled = Finding.objects.filter(pk=finding_id, status=Finding.Status.HANDLED)
        finding = handled.select_for_update().first()
        now = clock.now()
        if finding is None or not move_finding(
            finding, Finding.Status.OPEN, cause=words, opened_at=now, closed_at=None, note=""
        ):
            raise NothingWaits
        record_event(
            "finding put back",
            subject_kind="finding",
            subject_id=finding.pk,
            note=words,
            kind=finding.kind,
        )


def _of_the_team(user_id: UUID) -> User:
    found = User.objects.filter(pk=user_id, is_active=True).exclude(staff_role="").first()
    if found is None:
        raise RuleBroken(_("Choose somebody of your team."))
    return found


def _rows(limit: int) -> Iterator[ExceptionRow]:
    for sources in SOURCES.values():
        for source in sources:
            yield from map(source.row_of, source.rows().order_by(source.since)[:limit])


def _with_names(rows: Sequence[ExceptionRow]) -> list[ExceptionRow]:
    """Add whose it is, which payment it leads to, and who looks after it: four queries at most."""
    assigned = Assignment.objects.filter(key__in=[row.key for row in rows])
    owners = {each.key: each.owner for each in assigned.select_related("owner")}
    reversals = Reversal.objects.in_bulk([row.reversal_id for row in rows if row.reversal_id])
    payment_of = {pk: reversal.payment_id for pk, reversal in reversals.items()}
    rows = [
        replace(row, payment_id=row.payment_id or payment_of.get(row.reversal_id)) for row in rows
    ]
    payments = Payment.objects.in_bulk([row.payment_id for row in rows if row.payment_id])
    accounts = CustomerAccount.objects.in_bulk(
        [row.customer_account_id for row in rows if row.customer_account_id]
    )
    return [
        replace(
            row,
            owner=owners.get(row.key),
            payment_number=payments[row.payment_id].number if row.payment_id in payments else "",
            customer=accounts.get(row.customer_account_id),
        )
        for row in rows
    ]
