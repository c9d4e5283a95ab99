"""When a payer may take the early-payment discount off: a promise that the ERP will keep.

The amount and its last day are the ERP's own word (``Invoice.discount_minor``, ``discount_until``);
nothing is reckoned here from terms. Three rules of the trade make the promise hold (source:
features.md, 5.7):

- The discount belongs to the payment that closes the invoice, and only in money: a part payment
  earns none, and an invoice that a credit pays in part earns none.
- The day that counts is the day on which the money comes, in the legal entity's own zone. A card
  pays at once; a bank debit takes days. So each method has a last day of arrival.
- As long as the discount's day has not passed, the whole open amount is never charged: the ERP
  would take the discount off without asking, and the rest would lie on the account unapplied. Who
  cannot be promised the discount pays the same smaller amount; what stays open is the discount.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from quittance.core.errors import RuleBroken
from quittance.payments.owed import Owed

# How many business days, Monday to Friday, the money may take at most. Five for a bank debit: four
# (the longest that the checkout names) and one for a bank holiday. A method that is not named here
# is never in time.
BUSINESS_DAYS: Final[Mapping[str, int]] = {"card": 0, "bank_debit": 5}
FASTEST: Final = "card"  # what step 1 reckons with, before a method is chosen
# The payer has an hour on the gateway's page (settle.py, OPEN_FOR); the rest is the worker's.
ON_THE_PAGE: Final = timedelta(minutes=75)
_SATURDAY: Final = 5


class DiscountChanged(RuleBroken):
    """The early-payment discount is not what the page showed. Nothing was charged."""


@dataclass(frozen=True, slots=True)
class Discount:
    """What the ERP takes off a payment that closes the invoice; ``is_sure``: we may promise it."""

    minor: int
    until: date
    is_sure: bool


def last_arrival(method: str, *, now: datetime, zone: str) -> date | None:
    """Return the last day on which money may come that is paid now; ``None``: nobody knows.

    ``zone`` is the legal entity's: its books have its days.
    """
    days = BUSINESS_DAYS.get(method)
    if days is None:
        return None
    day = (now + ON_THE_PAGE).astimezone(ZoneInfo(zone)).date()
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < _SATURDAY
    return day


def discount_of(owed: Owed, *, method: str, now: datetime, zone: str) -> Discount | None:
    """Return the discount that the ERP may take off; ``None`` when there is none (any more).

    It is sure only when the money is surely in time and nothing else of the invoice is under way:
    whether the other payment comes first decides which of the two closes the invoice.
    """
    invoice = owed.invoice
    until, minor = invoice.discount_until, invoice.discount_minor
    if until is None or not 0 < minor < owed.free.minor:
        return None
    if now.astimezone(ZoneInfo(zone)).date() > until:
        return None
    arrives = last_arrival(method, now=now, zone=zone)
    in_time = arrives is not None and arrives <= until
    return Discount(minor, until, is_sure=in_time and not owed.in_flight_minor)
