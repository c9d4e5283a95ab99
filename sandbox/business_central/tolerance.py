"""Decides what is forgiven when a payment meets an invoice: discount, late discount, tolerance.

Sources: features 5.7 with Microsoft's table of fifteen cases; BCApps, codeunits "Payment Tolerance
Management" (CheckPmtDiscTolCust) and "Gen. Jnl.-Post Line" (CheckCalcPmtDisc).
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from decimal import Decimal

from sandbox.business_central import decimals, ledger, moments
from sandbox.business_central.database import Session
from sandbox.business_central.switches import Switches

DISCOUNT = "Payment Discount"
LATE_DISCOUNT = "Payment Discount Tolerance"
TOLERANCE = "Payment Tolerance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgiven:
    """What an application takes off an invoice, in its currency.

    ``tolerance`` is above zero when too little was paid and below zero when too much was.
    """

    discount: int = 0
    late: bool = False
    tolerance: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A payment that meets an invoice: both amounts above zero, in the invoice's currency.

    ``tolerant`` is false where nothing is tolerated: *Apply to Oldest*, a customer that is blocked
    for it.
    """

    paid: int
    owed: int
    posting_date: str
    tolerant: bool = True


def forgiven(session: Session, switches: Switches, invoice: sqlite3.Row, offer: Offer) -> Forgiven:
    """Decide. The discount comes first: in time it is taken by itself, without a warning.

    A payment of the full amount takes it too, and the rest stays open on the payment [S].
    """
    most = _most_tolerated(session, switches, invoice) if offer.tolerant else 0
    possible: int = invoice["remainingDiscountPossible"]
    late = offer.posting_date > invoice["discountDate"]
    if (
        possible
        and _may_take(switches, invoice, offer)
        and offer.paid >= offer.owed - possible - most
    ):
        difference = offer.owed - possible - offer.paid
        return Forgiven(discount=possible, late=late, tolerance=_within(difference, most))
    return Forgiven(tolerance=_within(offer.owed - offer.paid, most))


def last_day(switches: Switches, invoice: sqlite3.Row) -> str:
    """*Pmt. Disc. Tolerance Date*: the discount date and the days of grace."""
    return moments.plus_days(invoice["discountDate"], switches.payment_discount_grace_days)


def _may_take(switches: Switches, invoice: sqlite3.Row, offer: Offer) -> bool:
    if offer.posting_date <= invoice["discountDate"]:
        return True
    asked = switches.payment_discount_tolerance_warning
    return offer.tolerant and not asked and offer.posting_date <= last_day(switches, invoice)


def _most_tolerated(session: Session, switches: Switches, invoice: sqlite3.Row) -> int:
    """*Max. Payment Tolerance* of the entry: a share of its amount, with a ceiling if one is set.

    Business Central writes it on the entry when the invoice is posted, and *Change Payment
    Tolerance* on the open ones; here it is always of the present setup [inf].
    """
    if switches.payment_tolerance_warning:
        return 0
    ceiling = decimals.scaled(switches.max_payment_tolerance)
    percent = switches.payment_tolerance_percent
    if not percent:
        return ceiling
    amount = session.value(
        "SELECT COALESCE(SUM(amount), 0) FROM detailed_ledger_entry"
        " WHERE customerLedgerEntryNumber = ? AND entryType = 'Initial Entry'",
        (invoice["entryNumber"],),
    )
    precision = ledger.precision(session, invoice["currencyCode"])
    share = decimals.times(amount, percent / Decimal(100), precision)
    return min(share, ceiling) if ceiling else share


def _within(difference: int, most: int) -> int:
    return difference if abs(difference) <= most else 0
