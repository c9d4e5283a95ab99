"""The buyer's words for a dispute: where it is, who has the next move, what happened."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from quittance.core.money import Money
from quittance.disputes.models import DisputeNote, InvoiceDispute
from quittance.disputes.rules import word_of
from quittance.portal.timeline import Event
from quittance.ui.amounts import format_money

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
    return [
        Event(
            title=title, detail=note.text[:160] or word_of(dispute.reason), at=note.created_at,
            icon=icon, tone=tone, address=address,
        )
        for note in notes
        for title, icon, tone in [_of_note(note, dispute, seller, locale)]
    ]  # fmt: skip


def step_of(note: DisputeNote, dispute: InvoiceDispute, seller: str, locale: str) -> dict[str, Any]:
    """Return one step of the conversation as the dispute's page shows it."""
    title, icon, tone = _of_note(note, dispute, seller, locale)
    return {
        "title": title, "icon": icon, "tone": tone, "at": note.created_at, "text": note.text,
        "by": seller if note.by_staff else note.author_name, "files": list(note.files.all()),
    }  # fmt: skip


def _of_note(
    note: DisputeNote, dispute: InvoiceDispute, seller: str, locale: str
) -> tuple[str, str, str]:
    minor = dispute.amount_minor if note.amount_minor is None else note.amount_minor
    facts = {
        "amount": format_money(Money(minor, dispute.currency), locale),
        "name": seller if note.by_staff else note.author_name, "seller": seller,
    }  # fmt: skip
    words = {
        A.OPENED: (_("%(amount)s disputed"), "message-report", "note"),
        A.SAID: (_("%(name)s wrote"), "message-report", "quiet"),
        A.ASKED: (_("%(seller)s asked"), "help-circle", "warn"),
        A.ACCEPTED: (_("%(seller)s accepted %(amount)s"), "circle-check", "good"),
        A.REJECTED: (_("%(seller)s did not accept it"), "circle-x", "bad"),
        A.WITHDRAWN: (_("%(name)s took the dispute back"), "arrow-back-up", "quiet"),
        A.CLOSED: (_("%(seller)s closed the dispute"), "circle-check", "quiet"),
        A.ERP_FELL: (_("The seller’s books show %(amount)s less owed"), "receipt-refund", "good"),
        A.ERP_CLOSED: (_("The seller’s books show the invoice as closed"), "circle-check", "good"),
    }
    title, icon, tone = words[A(note.act)]
    return title % facts, icon, tone
