"""Everything that is looked at: what must never be, what must not stay, what a person must see.

Each entry is a view of its name, ``invariant_<key>``, whose source is ``invariants/<key>.sql``. A
row of it is one thing that is not as it must be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from django.utils.translation import gettext_noop as noop

from quittance.reconciliation.rows import Act, Kind


class Sort(StrEnum):
    """When a row of a view is wrong."""

    NEVER = "never"  # at every commit
    NOT_FOR_LONG = "not_for_long"  # once nothing is under way any more
    TO_BE_SEEN = "to_be_seen"  # nothing is wrong with our books; a person must know all the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing to look at. The words take the row's facts: ``%(number)s``; amounts are written."""

    sort: Sort
    kind: Kind
    title: str
    sentence: str
    cure: str
    act: Act = Act.LOOK_AND_HANDLE
    patience: timedelta = timedelta(hours=24)  # how long it may be so, of what is not for long


OURS: Final = noop(
    "This is a fault of this program, not of anybody's work. Nothing more is charged or posted by"
    " it. Keep the payment's timeline and report it."
)
_ASKED_AGAIN: Final = noop(
    "The gateway or the ERP is asked again by itself. If it stays, look at the payment's timeline"
    " and at the connection."
)
_TRIED: Final = noop(
    "Ask the customer whether it is one of theirs. If not, switch the person off or revoke the pay"
    " link, and look in the gateway's pages for cards that were declined. It closes by itself a day"
    " after the last one."
)
_SOON: Final = timedelta(minutes=10)


def _never(title: str, sentence: str, cure: str = OURS) -> Entry:
    return Entry(
        sort=Sort.NEVER, kind=Kind.BROKEN_RULE, title=title, sentence=sentence, cure=cure,
        patience=timedelta(0),
    )  # fmt: skip


CATALOGUE: Final[Mapping[str, Entry]] = {
    "i1_parts_make_the_payment": _never(
        noop("A payment is the sum of its parts"),
        noop(
            "Payment %(number)s is %(paid)s, but what it pays, what is on account and the fee make"
            " %(parts)s."
        ),
    ),
    "i2_one_currency_one_amount": _never(
        noop("Invoice, payment and attempt agree on currency and amount"),
        noop("Payment %(number)s is %(paid)s, but %(other)s."),
    ),
    "i3_success_has_evidence": _never(
        noop("A payment succeeded exactly when the gateway said so"),
        noop("Payment %(number)s is %(status)s here, and the gateway's word on it is %(word)s."),
    ),
    "i4_success_is_told_to_the_erp": _never(
        noop("What succeeded is told to the ERP, once and whole"),
        noop("Payment %(number)s is %(paid)s; its postings say %(posted)s."),
    ),
    "i5_parts_live_as_their_payment": _never(
        noop("A reservation lives as its payment does"),
        noop("Payment %(number)s is %(status)s, but a part of it is %(part)s."),
    ),
    "i6_dead_payment_has_no_money": _never(
        noop("A payment that failed or was cancelled holds no money"),
        noop("Payment %(number)s is %(status)s, but its attempt is %(attempt)s."),
    ),
    "i7_surplus_goes_back": _never(
        noop("Money that came too much is given back"),
        noop("Payment %(number)s was over when %(amount)s came, and no refund was begun."),
        noop("Refund the payment."),
    ),
    "i8_refunds_within_what_came": _never(
        noop("Refunds never exceed what came in"),
        noop("Of %(paid)s of payment %(number)s, %(back)s was refunded."),
    ),
    "i9_lines_make_the_posting": _never(
        noop("A posting is the sum of its lines"),
        noop("Posting %(number)s is %(posted)s, its lines make %(lines)s."),
    ),
    "i10_nothing_is_promised_twice": _never(
        noop("Nobody promises more of an invoice or a credit than is open"),
        noop("Of %(what)s %(number)s %(open)s is open, and %(promised)s is under way."),
    ),
    "l1_clearing_is_what_moved": _never(
        noop("The ledger holds what payments, reversals, fees and payouts say"),
        noop("For gateway %(gateway)s the ledger says %(ledger)s, the rows make %(rows)s."),
    ),
    "l2_every_movement_is_recorded": _never(
        noop("Whatever moved money stands in the ledger"),
        noop("The %(what)s %(number)s of %(amount)s stands in no entry of the ledger."),
    ),
    "l3_what_waits_is_kept_apart": _never(
        noop("Money that waits for a decision stands in an account of its own"),
        noop("For gateway %(gateway)s the ledger keeps %(ledger)s apart, the rows make %(rows)s."),
    ),
    "q1_nothing_in_limbo": Entry(
        sort=Sort.NOT_FOR_LONG, kind=Kind.STUCK,
        title=noop("Nothing stays under way"),
        sentence=noop("The %(what)s %(number)s has been %(status)s for too long."),
        cure=_ASKED_AGAIN, act=Act.WAIT,
    ),
    "q2_charges_are_the_gateways": Entry(
        sort=Sort.NOT_FOR_LONG, kind=Kind.AMOUNTS_DIFFER,
        patience=timedelta(hours=1),
        title=noop("What we captured stands in the gateway's books"),
        sentence=noop(
            "Payment %(number)s brought %(ours)s here; the gateway's books say %(theirs)s."
        ),
        cure=_ASKED_AGAIN,
    ),
    "q2_charge_nobody_knows": Entry(
        sort=Sort.NOT_FOR_LONG, kind=Kind.UNKNOWN_MONEY, patience=_SOON,
        title=noop("Every charge at the gateway is known here"),
        sentence=noop(
            "The gateway took %(amount)s as %(gateway_object)s, and no payment here belongs to it."
        ),
        cure=noop(
            "Give it back, or find out whose it is and book it for that customer. It closes by"
            " itself when the money has gone back or a payment here belongs to it."
        ),
        act=Act.REFUND_UNKNOWN,
    ),
    "q3_reversals_are_the_gateways": Entry(
        sort=Sort.NOT_FOR_LONG, kind=Kind.AMOUNTS_DIFFER, patience=timedelta(hours=1),
        title=noop("What went back stands in both books"),
        sentence=noop(
            "Of payment %(number)s the gateway's books say that %(theirs)s went back (%(what)s),"
            " we know of %(ours)s."
        ),
        cure=_ASKED_AGAIN,
    ),
    "q4_payout_adds_up": Entry(
        sort=Sort.NOT_FOR_LONG, kind=Kind.PAYOUT_DIFFERS, patience=timedelta(hours=1),
        title=noop("A payout is the sum of its entries"),
        sentence=noop(
            "Payout %(payout)s is %(paid_out)s, its entries make %(items)s: %(amount)s differs."
        ),
        cure=noop(
            "Ask the gateway for the missing entry. The payout does not count as reconciled until"
            " it adds up; it is read again by itself."
        ),
    ),
    "q5_history_is_legal": _never(
        noop("Nothing ended without evidence"),
        noop("The %(what)s went from “%(before)s” to “%(after)s” because of “%(cause)s”."),
    ),
    "q6_messages_are_read": Entry(
        sort=Sort.NOT_FOR_LONG, kind=Kind.STUCK,
        title=noop("Messages of a gateway do not pile up"),
        sentence=noop(
            "The message %(number)s about %(gateway_object)s belongs to no payment here."
        ),
        cure=noop(
            "If the gateway has a payment of that id, it is among the unknown money. If not, the"
            " message was for another shop on the same gateway account."
        ),
    ),
    "q7_reservations_end": Entry(
        sort=Sort.NOT_FOR_LONG, kind=Kind.STUCK,
        title=noop("What the ERP has booked is not reserved any more"),
        sentence=noop(
            "Payment %(number)s is booked in the ERP, and %(amount)s of invoice %(invoice)s is"
            " still reserved for it."
        ),
        cure=noop(
            "The invoice is read again by itself. If it stays, look at the ERP's connection."
        ),
        act=Act.WAIT,
    ),
    "q8_balance_is_the_gateways": Entry(
        sort=Sort.NOT_FOR_LONG, kind=Kind.AMOUNTS_DIFFER, patience=timedelta(hours=1),
        title=noop("What a gateway holds is the sum of its entries"),
        sentence=noop("Gateway %(gateway)s says that it holds %(held)s, its entries make %(sum)s."),
        cure=noop("Its books are read again every hour. If it stays, ask the gateway."),
        act=Act.WAIT,
    ),
    "s1_returned_debit": Entry(
        sort=Sort.TO_BE_SEEN, kind=Kind.RETURNED,
        title=noop("A bank took a debit back"),
        sentence=noop(
            "The bank took %(amount)s of payment %(number)s back (%(code)s). %(problem)s"
        ),
        cure=noop("The invoices are owed again. Ask the customer for another way to pay."),
    ),
    "s2_refund_failed": Entry(
        sort=Sort.TO_BE_SEEN, kind=Kind.REFUND_FAILED,
        title=noop("A refund failed"),
        sentence=noop("Refund %(number)s of %(amount)s failed: %(detail)s"),
        cure=noop("The money is still ours. Refund it again, or pay it back by transfer."),
        act=Act.REFUND_PAYMENT,
    ),
    "s3_more_went_back_than_came": Entry(
        sort=Sort.TO_BE_SEEN, kind=Kind.AMOUNTS_DIFFER,
        title=noop("More went back than came"),
        sentence=noop("Payment %(number)s brought %(paid)s, and %(back)s went back."),
        cure=noop(
            "It was refunded and then taken back by the bank too. Ask the customer for what they"
            " have twice."
        ),
    ),
    "s6_reversal_puzzles": Entry(
        sort=Sort.TO_BE_SEEN, kind=Kind.ANSWER_PUZZLING,
        title=noop("What the gateway says of money that went back does not fit"),
        sentence=noop("%(number)s, %(amount)s of payment %(payment)s: %(problem)s"),
        cure=noop("Compare with the gateway's pages."),
    ),
    "s4_webhooks_silent": Entry(
        sort=Sort.TO_BE_SEEN, kind=Kind.WEBHOOKS_SILENT, act=Act.WAIT,
        title=noop("A gateway's messages do not come"),
        sentence=noop(
            "%(payments)s payments went through at %(gateway)s and no message of it has come since"
            " the first of them. We ask the gateway instead, so nothing is lost, only slower."
        ),
        cure=noop(
            "Look in the gateway's pages whether the webhook is switched on and points here. It"
            " closes with the next message."
        ),
    ),
    "s7_savings_slowed_down": Entry(
        sort=Sort.TO_BE_SEEN, kind=Kind.CARD_TESTING,
        title=noop("Many attempts to save a card"),
        sentence=noop(
            "Attempts to save a way to pay were slowed down in %(hours)s of the last 24 hours."
            " Somebody may try stolen cards."
        ),
        cure=_TRIED,
    ),
    "s8_payments_slowed_down": Entry(
        sort=Sort.TO_BE_SEEN, kind=Kind.CARD_TESTING,
        title=noop("Many payments that came to nothing"),
        sentence=noop(
            "Payments of %(who)s were slowed down in %(hours)s of the last 24 hours, because many"
            " came to nothing. Somebody may try stolen cards."
        ),
        cure=_TRIED,
    ),
    "s9_method_not_forgotten": Entry(
        sort=Sort.TO_BE_SEEN, kind=Kind.KEPT_METHOD,
        title=noop("A gateway still keeps what ended here"),
        sentence=noop(
            "%(label)s ended here days ago, and %(gateway)s has not said that it has forgotten it."
            " Nothing is charged with it from here."
        ),
        cure=noop(
            "Remove it in the gateway's pages. It is asked again by itself, and this closes when it"
            " is gone there."
        ),
    ),
    "s10_method_blocked": Entry(
        sort=Sort.TO_BE_SEEN, kind=Kind.KEPT_METHOD,
        title=noop("A kept way to pay is blocked"),
        sentence=noop(
            "A bank returned a payment by %(label)s (%(code)s). It is charged no more until"
            " somebody has looked."
        ),
        cure=noop(
            "Ask the customer. Allow it again on its page, with a note, or leave it blocked and"
            " mark this as handled."
        ),
    ),
    "s11_method_not_answered": Entry(
        sort=Sort.TO_BE_SEEN, kind=Kind.KEPT_METHOD, act=Act.WAIT,
        title=noop("A gateway says nothing of a kept way to pay"),
        sentence=noop(
            "%(gateway)s has given no answer about %(label)s for more than a day. It may be"
            " charged; what changed there is not known here."
        ),
        cure=noop("Look at the connection. It is asked again by itself; an answer closes this."),
    ),
    "s12_revoked_link_pays": Entry(
        sort=Sort.TO_BE_SEEN, kind=Kind.REVOKED_LINK,
        title=noop("A payment of a revoked link can still be made"),
        sentence=noop(
            "%(number)s, %(amount)s, waits at the page of %(gateway)s, and the pay link that began"
            " it was revoked since. Whoever has that page can still pay there."
        ),
        cure=noop(
            "If the money shall not come, close the payment in the gateway's own pages; if it came,"
            " refund it. It closes by itself when the payment has ended."
        ),
    ),
    "s13_payment_page_differs": Entry(
        sort=Sort.TO_BE_SEEN, kind=Kind.PAGE_DIFFERS,
        title=noop("A page on which people pay is not as it must be"),
        sentence=noop(
            "Differences at the last look at %(page)s (%(address)s): %(count)s. The first:"
            " %(first)s"
        ),
        cure=noop(
            "Somebody may have changed what buyers get. Follow the how-to “When the payment page"
            " differs” at once. It is looked at again every hour, and this closes when it is right."
        ),
    ),
    "s5_payout_failed": Entry(
        sort=Sort.TO_BE_SEEN, kind=Kind.PAYOUT_DIFFERS,
        title=noop("A payout did not reach the bank"),
        sentence=noop("The bank did not take payout %(payout)s of %(paid_out)s."),
        cure=noop("Look at the bank account in the gateway's pages. The money is paid out again."),
    ),
}  # fmt: skip
