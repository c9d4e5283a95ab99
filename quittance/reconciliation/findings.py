"""Keeps what was found: opens, closes what is gone, opens again what came back, and tells staff."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q, QuerySet

from quittance.core import clock
from quittance.core.ids import new_id
from quittance.identity.models import User
from quittance.notifications.messages import enqueue_message
from quittance.reconciliation.apart import book_unknown
from quittance.reconciliation.catalogue import CATALOGUE
from quittance.reconciliation.checking import A_DAY, AT_ONCE, Row, Unchecked, look
from quittance.reconciliation.models import Finding, Look
from quittance.reconciliation.transitions import move_finding
from quittance.tenancy.rows import because, writing

log = logging.getLogger(__name__)
F = Finding.Status


@dataclass(slots=True)
class Change:
    """How many findings one look has opened, or opened again, and how many were gone."""

    opened: int = 0
    healed: int = 0


def look_and_keep(*, older_than: timedelta = A_DAY) -> Change:
    """Ask every view about the organization of the scope and keep what they say.

    What is new is told once: by a line in the log and a mail to each of the AR team. A view that
    gives no answer keeps the others from nothing, and is told each day.
    """
    change, unchecked = Change(), []
    for key in CATALOGUE:
        try:
            rows = look(key, older_than=older_than)
        except Unchecked as error:
            log.error("not checked: %s", error)
            unchecked.append(key)
            continue
        with writing():
            _keep(key, rows, change)
    tell_team()
    _tell_of(unchecked)
    _note_look(len(unchecked))
    return change


def _note_look(unanswered: int) -> None:
    said = {"looked_at": clock.now(), "unanswered": unanswered}
    with writing():
        if not Look.objects.update(**said):
            Look.objects.bulk_create([Look(**said)], ignore_conflicts=True)


def _tell_of(unchecked: Sequence[str]) -> None:
    today = clock.now().date()
    for key in unchecked:
        with writing():
            for person in _team():
                name = f"unchecked:{key}:{today}:{person.pk}"
                enqueue_message(
                    key=name, kind="unchecked", to=person.email, facts={"title": _title(key)}
                )


def tell_team() -> int:
    """Tell what nobody was told of yet, all of it in one mail; return how many findings that is."""
    with writing():
        fresh = Finding.objects.filter(status=F.OPEN, told_at__isnull=True).select_for_update()
        counts = Counter(fresh.values_list("kind", flat=True))
        if not counts:
            return 0
        batch = new_id()
        facts = {"kinds": [[_title(kind), n] for kind, n in sorted(counts.items())]}
        for person in _team():
            key = f"alert:{batch}:{person.pk}"
            enqueue_message(key=key, kind="alert", to=person.email, facts=facts)
        Finding.objects.filter(status=F.OPEN, told_at__isnull=True).update(told_at=clock.now())
    words = ", ".join(f"{kind} {count}" for kind, count in sorted(counts.items()))
    log.error("%d new findings: %s", counts.total(), words)
    return counts.total()


def _keep(key: str, rows: Sequence[Row], change: Change) -> None:
    subjects = [row.subject for row in rows]
    known = Finding.objects.filter(kind=key)
    known = known.filter(Q(subject__in=subjects) | ~Q(status=F.HEALED))
    by_subject = {each.subject: each for each in known}
    same = []
    for row in rows:
        finding = by_subject.pop(row.subject, None)
        if finding is None:
            _open(row)
            change.opened += 1
        elif _is_new(finding, row):
            change.opened += _open_again(finding, row)
        else:
            same.append(finding.pk)
            _keep_words(finding, row)
    Finding.objects.filter(pk__in=same).update(last_seen_at=clock.now())
    if len(rows) == AT_ONCE:
        return  # there are more: what we have not seen may be there
    for finding in by_subject.values():
        cause = "it was gone when we looked again"
        change.healed += move_finding(finding, F.HEALED, cause=cause, closed_at=clock.now())


def _open(row: Row) -> Finding:
    now = clock.now()
    because(row.sentence[:200])
    finding = Finding.objects.create(
        id=new_id(), kind=row.key, subject_kind=row.subject_kind, subject=row.subject,
        opened_at=now, last_seen_at=now, **_said(row),
    )  # fmt: skip
    book_unknown(finding)
    return finding


def _is_new(finding: Finding, row: Row) -> bool:
    """Whether it is to be opened again. What a person has handled stays so while it is the same."""
    if finding.status == F.HANDLED:
        return any(getattr(finding, name) != value for name, value in _said(row).items())
    return finding.status == F.HEALED


def _open_again(finding: Finding, row: Row) -> bool:
    cause = "it is back" if finding.status == F.HEALED else "what is wrong has changed"
    now = clock.now()
    return move_finding(
        finding, F.OPEN, cause=cause, opened_at=now, last_seen_at=now, closed_at=None,
        told_at=None, refund_asked_at=None, **_said(row),
    )  # fmt: skip


def _keep_words(finding: Finding, row: Row) -> None:
    said = _said(row)
    if any(getattr(finding, name) != value for name, value in said.items()):
        Finding.objects.filter(pk=finding.pk).update(**said)
        for name, value in said.items():
            setattr(finding, name, value)
        book_unknown(finding)


def _said(row: Row) -> dict[str, object]:
    return {
        "payment_id": row.payment_id, "customer_account_id": row.customer_account_id,
        "amount_minor": row.amount_minor, "currency": row.currency, "facts": dict(row.facts),
    }  # fmt: skip


def _title(kind: str) -> str:
    return CATALOGUE[kind].title if kind in CATALOGUE else kind


def _team() -> QuerySet[User]:
    staff = User.objects.filter(is_active=True).exclude(staff_role="")
    return staff.exclude(staff_role=User.StaffRole.AUDITOR)
