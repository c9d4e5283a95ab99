"""The buyer's words for a dispute: where it is, who has the next move, what happened."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from quittance.disputes.models import DisputeNote, InvoiceDispute
from quittance.disputes.rules import word_of
from quittance.disputes.steps import Title, step_of, title_of
from quittance.portal.timeline import Event

A, S, R = DisputeNote.Act, InvoiceDispute.Status, InvoiceDispute.Remedy


def sentence_of(dispute: InvoiceDispute, seller: str) -> str:
    """Say where a dispute is and who has the next move."""
    if dispute.status == S.ACCEPTED:
        return remedy_of(dispute.remedy, seller)
    words = {
        S.OPEN: _("%(seller)s looks at it and answers here and by mail."),
        S.WAITING: _("%(seller)s asked you something: answer below."),
        S.REJECTED: _("%(seller)s did not accept it. The invoice is owed as it stands."),
        S.WITHDRAWN: _("You took it back. The invoice is owed as it stands."),
        S.CLOSED: _("It is closed."),
    }
    return words[S(dispute.status)] % {"seller": seller}


def remedy_of(remedy: str, seller: str) -> str:
    """Say what the seller does about what was accepted."""
    words = {
        R.CREDIT_NOTE: _("%(seller)s accepted it: a credit note comes."),
        R.NEW_INVOICE: _("%(seller)s accepted it: the invoice is cancelled and a new one comes."),
    }
    other = _("%(seller)s accepted it, and wrote what comes of it.")
    return words.get(R(remedy), other) % {"seller": seller}


def events_of(
    dispute: InvoiceDispute, notes: list[DisputeNote], seller: str, locale: str, address: str
) -> list[Event]:
    """Return the steps of a dispute for the invoice's history."""
    titles = [_title_of(note, dispute, seller, locale) for note in notes]
    return [
        Event(
            title=title.text, detail=note.text[:160] or word_of(dispute.reason),
            at=note.created_at, icon=title.icon, tone=title.tone, address=address,
        )
        for note, title in zip(notes, titles, strict=True)
    ]  # fmt: skip


def steps_of(dispute: InvoiceDispute, seller: str, locale: str) -> list[dict[str, Any]]:
    """Return the conversation as the dispute's page shows it."""
    return [step_of(note, _title_of(note, dispute, seller, locale)) for note in dispute.notes.all()]


def _title_of(note: DisputeNote, dispute: InvoiceDispute, seller: str, locale: str) -> Title:
    words = {
        A.OPENED: _("%(amount)s disputed"),
        A.SAID: _("%(name)s wrote"),
        A.ASKED: _("%(seller)s asked"),
        A.ACCEPTED: _("%(seller)s accepted %(amount)s"),
        A.REJECTED: _("%(seller)s did not accept it"),
        A.WITHDRAWN: _("%(name)s took the dispute back"),
        A.CLOSED: _("%(seller)s closed the dispute"),
        A.ERP_FELL: _("The seller’s books show %(amount)s less owed"),
        A.ERP_CLOSED: _("The seller’s books show the invoice as closed"),
    }
    name = seller if note.by_staff else note.author_name
    return title_of(note, dispute, words, locale, name=name, seller=seller)
