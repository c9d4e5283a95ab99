"""One step of a dispute as a page shows it. Each door has words of its own for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from quittance.core.money import Money
from quittance.disputes.models import DisputeNote, InvoiceDispute
from quittance.ui.amounts import format_money

A = DisputeNote.Act
# The icon and the tone of each.
_MARKS: Final = {
    A.OPENED: ("message-report", "note"),
    A.SAID: ("message-report", "quiet"),
    A.ASKED: ("help-circle", "warn"),
    A.ACCEPTED: ("circle-check", "good"),
    A.REJECTED: ("circle-x", "bad"),
    A.WITHDRAWN: ("arrow-back-up", "quiet"),
    A.CLOSED: ("circle-check", "quiet"),
    A.ERP_FELL: ("receipt-refund", "good"),
    A.ERP_CLOSED: ("circle-check", "good"),
}


class Title(NamedTuple):
    """What happened, in one line."""

    text: str
    icon: str
    tone: str


def title_of(
    note: DisputeNote,
    dispute: InvoiceDispute,
    words: Mapping[DisputeNote.Act, str],
    locale: str,
    **names: str,
) -> Title:
    """Say what happened by ``words`` for each act, which may hold ``amount`` and the ``names``.

    The amount is the note's own; where it has none, what is disputed.
    """
    minor = dispute.amount_minor if note.amount_minor is None else note.amount_minor
    amount = format_money(Money(minor, dispute.currency), locale)
    return Title(words[A(note.act)] % {"amount": amount, **names}, *_MARKS[A(note.act)])


def step_of(note: DisputeNote, title: Title) -> dict[str, Any]:
    """Return one step of the conversation, with its words and files."""
    return {
        "title": title.text, "icon": title.icon, "tone": title.tone, "at": note.created_at,
        "text": note.text, "files": list(note.files.all()),
    }  # fmt: skip
