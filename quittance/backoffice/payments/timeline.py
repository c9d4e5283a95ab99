"""The timeline of a payment: every change of a status, and everything that somebody did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from quittance.audit.models import AuditEvent, StatusChange
from quittance.backoffice.payments.records import Whole
from quittance.backoffice.payments.returns import status_word
from quittance.payments.models import Reversal
from quittance.ui.statuses import STATUSES, Status

_SUBJECTS: Final = {
    "payment": noop("Payment"),
    "attempt": noop("Gateway"),
    "posting": noop("ERP"),
    "allocation": noop("Invoice"),
    "dispute": noop("Dispute"),
    "finding": noop("Exception"),
}
# The timeline tells apart what a list may call by one word.
_WORDS: Final[Mapping[tuple[str, str], Status]] = {
    ("posting", "drafted"): Status(noop("Lines written"), "", "info"),
    ("posting", "confirmed"): Status(noop("Posted and read back"), "", "good"),
    ("payment", "in_flight"): Status(noop("Under way"), "", "info"),
    ("dispute", "open"): Status(noop("Opened by the payer’s bank"), "", "note"),
    ("dispute", "won"): Status(noop("Won"), "", "good"),
    ("dispute", "lost"): Status(noop("Lost"), "", "bad"),
    ("finding", "open"): Status(noop("Found"), "", "warn"),
    ("finding", "healed"): Status(noop("Gone by itself"), "", "good"),
    ("finding", "handled"): Status(noop("Handled"), "", "good"),
}
_ICONS: Final = {
    "payment": "coin", "attempt": "webhook", "posting": "database", "reversal": "receipt-refund",
    "dispute": "gavel", "finding": "alert-triangle",
}  # fmt: skip
_NOTES: Final = ("note", "remark", "because")  # facts of an event that are somebody's words


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of the timeline."""

    title: str
    detail: str
    at: datetime
    icon: str
    tone: str
    note: str = ""  # what somebody wrote down about it


def timeline_of(whole: Whole) -> list[Event]:
    """Return all of it, the newest first."""
    reversals = {each.pk: each for each in whole.reversals}
    events = [_change(each, whole.names, reversals) for each in whole.changes]
    events += [_deed(each, whole.names) for each in whole.events]
    order = {id(each): place for place, each in enumerate(events)}
    return sorted(events, key=lambda each: (each.at, -order[id(each)]), reverse=True)


def _change(
    change: StatusChange, names: Mapping[str, str], reversals: Mapping[UUID, Reversal]
) -> Event:
    kind, to = change.subject_kind, change.to_status
    subject, known = _(_SUBJECTS.get(kind, kind)), _WORDS.get((kind, to)) or STATUSES.get(to)
    reversal = reversals.get(change.subject_id)
    if reversal:
        subject = f"{reversal.get_kind_display()} {reversal.number}"
        known = STATUSES.get(status_word(reversal.kind, to))
    return Event(
        title=f"{subject}: {_(known.word) if known else to}",
        detail=_detail(change.cause, change.actor, names),
        at=change.happened_at,
        icon=_ICONS.get(kind, "activity"),
        tone=known.tone if known else "quiet",
    )


def _deed(event: AuditEvent, names: Mapping[str, str]) -> Event:
    facts: Mapping[str, Any] = event.facts
    owner = facts.get("owner")
    note = next((str(facts[each]) for each in _NOTES if facts.get(each)), "")
    return Event(
        title=event.what[:1].upper() + event.what[1:],
        detail=_detail(_("to %(name)s") % {"name": owner} if owner else "", event.actor, names),
        at=event.happened_at,
        icon="user",
        tone="accent",
        note=note,
    )


def _detail(cause: str, actor: str, names: Mapping[str, str]) -> str:
    by = _("by %(name)s") % {"name": names.get(actor, actor)} if actor else ""
    return " · ".join(each for each in (cause[:1].upper() + cause[1:], by) if each)
