"""The AR team's words for disputes of invoices."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from quittance.disputes.models import DisputeNote, InvoiceDispute
from quittance.disputes.steps import step_of, title_of

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
    A.OPENED: noop("%(name)s disputed %(amount)s"),
    A.SAID: noop("%(name)s wrote"),
    A.ASKED: noop("%(name)s asked the customer"),
    A.ACCEPTED: noop("%(name)s accepted %(amount)s"),
    A.REJECTED: noop("%(name)s rejected it"),
    A.WITHDRAWN: noop("%(name)s took it back"),
    A.CLOSED: noop("%(name)s closed it"),
    A.ERP_FELL: noop("The ERP shows %(amount)s less owed"),
    A.ERP_CLOSED: noop("The ERP shows the invoice as closed"),
}


def steps_of(dispute: InvoiceDispute, locale: str) -> list[dict[str, Any]]:
    """Return the conversation."""
    words = {act: _(word) for act, word in _TITLES.items()}
    return [
        step_of(note, title_of(note, dispute, words, locale, name=note.author_name))
        for note in dispute.notes.all()
    ]
