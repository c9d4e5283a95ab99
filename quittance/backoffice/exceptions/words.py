"""The AR team's words for each kind of exception: its mark, its headline, and what is safe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from quittance.reconciliation.exceptions import ExceptionRow, Kind

_STAYS: Final = noop(
    "The money is at the gateway and stays with this payment. Its invoices stay reserved, so nobody"
    " pays them twice."
)
_BOOKED: Final = noop("The money is posted in the ERP once. Nothing is posted again by itself.")
_NOTHING: Final = noop("Nothing was booked because of this, and nothing more is charged.")
_OURS: Final = noop("The money is ours and stays where it is until somebody decides.")


@dataclass(frozen=True, slots=True)
class Look:
    """How a kind is shown. Its word is the row's own ``title``; never the colour alone."""

    icon: str
    tone: str
    headline: str  # takes %(number)s
    safe: str


LOOKS: Final[Mapping[Kind, Look]] = {
    Kind.POSTING_REFUSED: Look(
        "circle-x", "bad", noop("The ERP refused payment %(number)s"), _STAYS
    ),
    Kind.POSTING_BY_HAND: Look(
        "clipboard-check", "info", noop("Payment %(number)s: to be booked in the ERP by a person"),
        noop("Nothing is lost: our ledger shows it as not yet in the ERP until it is done."),
    ),
    Kind.POSTING_REMARK: Look(
        "message-circle", "warn", noop("Payment %(number)s is posted, but not as it was paid"),
        _BOOKED,
    ),
    Kind.POSTINGS_STOPPED: Look(
        "player-pause", "bad", noop("Nothing is posted in the ERP until a person has looked"),
        noop("Buyers go on paying, and what they pay waits in line. Nothing is posted twice."),
    ),
    Kind.SECOND_PERSON: Look(
        "user-check", "info", noop("Payment %(number)s: a second person is to confirm"),
        noop("Nothing was changed yet. The money stays where it is until somebody confirms."),
    ),
    Kind.ANSWER_PUZZLING: Look(
        "help-circle", "warn", noop("The gateway’s answer about %(number)s does not fit"),
        noop("No invoice was reduced by it. Money that came is kept apart in our ledger."),
    ),
    Kind.SURPLUS: Look(
        "alert-triangle", "note", noop("Money came after payment %(number)s had ended"),
        noop("The money is in our ledger as a surplus. No invoice was reduced by it."),
    ),
    Kind.REFUND_FAILED: Look(
        "receipt-refund", "bad", noop("A refund of payment %(number)s failed"), _OURS
    ),
    Kind.RETURNED: Look(
        "refresh", "note", noop("The bank took payment %(number)s back"),
        noop("The ledger shows that the money is gone. The ERP is told once, not twice."),
    ),
    Kind.DISPUTED: Look(
        "gavel", "note", noop("The payer’s bank asks for payment %(number)s back"),
        noop("The disputed money is kept apart in our ledger until the bank has decided."),
    ),
    Kind.UNKNOWN_MONEY: Look(
        "help-circle", "info", noop("The gateway took money that belongs to no payment here"), _OURS
    ),
    Kind.PAYOUT_DIFFERS: Look(
        "building-bank", "warn", noop("A payout is not what its entries say"),
        noop("The payout does not count as reconciled. No payment is changed by it."),
    ),
    Kind.AMOUNTS_DIFFER: Look(
        "arrows-diff", "warn", noop("Two books say different amounts"), _NOTHING
    ),
    Kind.STUCK: Look(
        "hourglass", "warn", noop("Something has been under way for too long"),
        noop("It is asked again by itself; nothing is charged or posted twice."),
    ),
    Kind.BROKEN_RULE: Look(
        "alert-triangle", "bad", noop("A rule of our books is broken"), _NOTHING
    ),
    Kind.WEBHOOKS_SILENT: Look(
        "webhook", "warn", noop("A gateway’s messages do not come"),
        noop("We ask the gateway instead, so nothing is lost, only slower."),
    ),
    Kind.CARD_TESTING: Look(
        "shield-check", "warn", noop("Somebody may be trying stolen cards"),
        noop("Each next attempt has to wait longer. Nobody else is kept from paying by it."),
    ),
    Kind.KEPT_METHOD: Look(
        "credit-card", "warn", noop("A kept way to pay needs a look"),
        noop("Nothing is charged with it that its payer did not agree to."),
    ),
    Kind.PAGE_DIFFERS: Look(
        "shield-check", "bad", noop("The payment page is not as it must be"),
        noop("We cannot say who changed it. Until that is known, what is typed there may be read."),
    ),
    Kind.REVOKED_LINK: Look(
        "link", "warn", noop("A revoked link’s payment can still be made"),
        noop("The link begins no other payment. What is paid is booked like any payment."),
    ),
}  # fmt: skip


def look_of(kind: Kind) -> Look:
    """Return how a kind is shown; one that is new here looks like any trouble."""
    return LOOKS.get(kind) or Look("alert-triangle", "warn", noop("This needs a look"), _NOTHING)


def headline_of(row: ExceptionRow) -> str:
    """Return the row in one short sentence; what exactly happened stands below it."""
    look = look_of(row.kind)
    if "%(number)s" in look.headline and not row.payment_number:
        return row.title
    return _(look.headline) % {"number": row.payment_number}


def whose(row: ExceptionRow) -> str:
    """Return whose trouble it is."""
    if row.kind == Kind.POSTINGS_STOPPED:
        return _("All customers")
    return row.customer.name if row.customer else _("No customer")
