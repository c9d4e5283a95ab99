"""The AR team's words for disputes of invoices."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from quittance.core.money import Money
from quittance.disputes.models import DisputeNote, InvoiceDispute
from quittance.ui.amounts import format_money

A, R = DisputeNote.Act, InvoiceDispute.Remedy
TABS: Final = {
    "open": noop("To answer"),
    "waiting": noop("With the customer"),
    "accepted": noop("To book in the ERP"),
    "mine": noop("Mine"),
    "over": noop("Over"),
}
REMEDIES: Final = {
    R.CREDIT_NOTE: noop("A credit note in the ERP"),
    R.NEW_INVOICE: noop("Cancel the invoice and bill anew"),
    R.OTHER: noop("Something else, as written"),
}
DONE: Final = {
    "answered": noop("Sent. The customer has a mail."),
    "accepted": noop("Accepted. It waits for the ERP to show it."),
    "rejected": noop("Rejected. The customer has a mail with your reason."),
    "closed": noop("Closed. The customer has a mail with your note."),
    "handed": noop("Handed over."),
    "rules": noop("The rules are kept. Disputes that exist keep their reason."),
}
_TITLES: Final = {
    A.OPENED: (noop("%(name)s disputed %(amount)s"), "message-report", "note"),
    A.SAID: (noop("%(name)s wrote"), "message-report", "quiet"),
    A.ASKED: (noop("%(name)s asked the customer"), "help-circle", "warn"),
    A.ACCEPTED: (noop("%(name)s accepted %(amount)s"), "circle-check", "good"),
    A.REJECTED: (noop("%(name)s rejected it"), "circle-x", "bad"),
    A.WITHDRAWN: (noop("%(name)s took it back"), "arrow-back-up", "quiet"),
    A.CLOSED: (noop("%(name)s closed it"), "circle-check", "quiet"),
    A.ERP_FELL: (noop("The ERP shows %(amount)s less owed"), "receipt-refund", "good"),
    A.ERP_CLOSED: (noop("The ERP shows the invoice as closed"), "circle-check", "good"),
}


def step_of(note: DisputeNote, dispute: InvoiceDispute, locale: str) -> dict[str, Any]:
    """Return one step of the conversation."""
    minor = dispute.amount_minor if note.amount_minor is None else note.amount_minor
    word, icon, tone = _TITLES[A(note.act)]
    amount = format_money(Money(minor, dispute.currency), locale)
    return {
        "title": _(word) % {"name": note.author_name, "amount": amount}, "icon": icon,
        "tone": tone, "at": note.created_at, "text": note.text, "files": list(note.files.all()),
    }  # fmt: skip
