"""The few sentences that an organization's tone changes; amounts, dates and errors never do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

PLAIN: Final = "plain"
_SENTENCES: Final[Mapping[str, Mapping[str, str]]] = {
    "paid": {
        "plain": noop("Paid"),
        "friendly": noop("Thank you, we have your payment"),
        "formal": noop("Your payment has been received"),
    },
    "welcome": {
        "plain": noop("See and pay your %(seller)s invoices."),
        "friendly": noop("Good to see you. Your %(seller)s invoices are waiting inside."),
        "formal": noop("Here you can view and settle your invoices from %(seller)s."),
    },
    "nothing_owed": {
        "plain": noop("You owe nothing"),
        "friendly": noop("All paid, thank you"),
        "formal": noop("There are no open items on your account"),
    },
}


def in_tone(which: str, tone: str, **facts: str) -> str:
    """Return the sentence called ``which`` in a brand's tone, in the language spoken just now."""
    sentences = _SENTENCES[which]
    return _(sentences.get(tone, sentences[PLAIN])) % facts
