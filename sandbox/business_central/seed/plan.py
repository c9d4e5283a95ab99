"""Decides who bought for how much on which day, and when it was paid; numbers rise with days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from random import Random

from sandbox.business_central.seed.words import (
    ALPINE,
    BUYERS,
    EVENTS,
    FIXED,
    HARBORLINE,
    LAST_NUMBER,
    OPEN_COUNT,
    OPEN_TOTAL,
)

_FIRST_NUMBER = 203_920
_PER_DAY = 1.1  # invoices a day before the fixed ones
_PAID_OF_HARBORLINE = 60
_CANCELLED = {204_290: ("CM-1171", "Canceled"), 204_312: ("CM-1174", "Canceled"),
              204_321: ("CM-1178", "Corrective")}  # fmt: skip
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One invoice to be. ``payments`` are (day, amount); the amount "" pays what is owed.

    ``total`` is in US dollars; days count from today, below zero before it.
    """

    number: str
    customer: str
    day: int
    total: str
    purchase_order: str
    order_number: str
    terms: str = ""
    site: int = 0
    payments: tuple[tuple[int, str], ...] = ()
    cancelled_by: str = ""
    cancelled_as: str = ""


def plan(random: Random) -> list[Planned]:
    """Plan every posted invoice of the company, in the order of numbers."""
    fixed = {row[0]: _fixed(row) for row in FIXED}
    recent = [n for n in range(FIXED[0][0], LAST_NUMBER + 1) if n not in fixed]
    late = [n for n in recent if _day(n) >= -22]
    of_harborline = sorted(random.sample(late, OPEN_COUNT - len(FIXED)))
    planned = dict(fixed)
    planned |= _harborline_open(random, of_harborline)
    others = iter(_others(random))
    for number in range(_FIRST_NUMBER, FIXED[0][0]):
        customer = HARBORLINE if _is_harborline(number) else next(others)
        planned[number] = _old(random, number, customer)
    for number in recent:
        if number not in planned:
            planned[number] = _invoice(random, number, next(others))
    return [planned[number] for number in sorted(planned)]


def _is_harborline(number: int) -> bool:
    span = FIXED[0][0] - _FIRST_NUMBER
    step = span / _PAID_OF_HARBORLINE
    place = number - _FIRST_NUMBER
    return int(place / step) != int((place - 1) / step) and number not in _CANCELLED


def _others(random: Random) -> Iterator[str]:
    """Who buys next: Events and Alpine Linen more often than the rest."""
    names = [buyer.number for buyer in BUYERS if buyer.number not in {HARBORLINE, EVENTS, ALPINE}]
    while True:
        turn = [EVENTS] * 2 + [ALPINE] * 4 + random.sample(names, 14)
        random.shuffle(turn)
        yield from turn


def _day(number: int) -> int:
    """The day of a number: between the fixed invoices it rises evenly."""
    points = [(row[0], row[2]) for row in FIXED]
    first, last = points[0], points[-1]
    if number <= first[0]:
        return first[1] - int((first[0] - number) / _PER_DAY)
    if number >= last[0]:
        return -1
    for (low, start), (high, end) in pairwise(points):
        if low <= number <= high:
            return start + (end - start) * (number - low) // (high - low)
    raise AssertionError(number)


def _fixed(row: tuple[int, str, int, str, str, str, int]) -> Planned:
    number, order, day, total, paid, terms, site = row
    return Planned(
        number=f"INV-{number}",
        customer=HARBORLINE,
        day=day,
        total=total,
        purchase_order=order,
        order_number=_order_number(number),
        terms=terms,
        site=site,
        payments=() if paid == "0" else ((-10, paid),),
    )


def _order_number(number: int) -> str:
    return f"SO-{number - 102_250}"


def _purchase_order(number: int) -> str:
    return f"PO-{77_120 + (number - FIXED[0][0]) * 19 // 10}"


def _amount(random: Random) -> Decimal:
    """A plausible business invoice: mostly some hundreds to some thousands."""
    return Decimal(str(round(random.lognormvariate(7.3, 0.75), 2))).quantize(_CENT) + 120


def _harborline_open(random: Random, numbers: list[int]) -> dict[int, Planned]:
    """The open invoices around the fixed ones: what remains sums to ``OPEN_TOTAL``."""
    left = Decimal(OPEN_TOTAL) - sum(Decimal(row[3]) - Decimal(row[4]) for row in FIXED)
    weights = [random.uniform(0.3, 1.9) for _ in numbers]
    shares = [(left * Decimal(weight / sum(weights))).quantize(_CENT) for weight in weights]
    shares[-1] += left - sum(shares)
    found = {}
    for place, (number, share) in enumerate(zip(numbers, shares, strict=True)):
        part = Decimal("640.00") if place in {2, 5} else Decimal(0)  # two are partly paid
        paid_on = min(_day(number) + 2, -1)
        found[number] = Planned(
            number=f"INV-{number}",
            customer=HARBORLINE,
            day=_day(number),
            total=str(share + part),
            purchase_order=_purchase_order(number),
            order_number=_order_number(number),
            site=random.randrange(4),
            payments=((paid_on, str(part)),) if part else (),
        )
    return found


def _old(random: Random, number: int, customer: str) -> Planned:
    """An invoice from before: paid about when it was due, some late, a few still open."""
    invoice = _invoice(random, number, customer)
    if number in _CANCELLED:
        return _changed(invoice, cancelled=_CANCELLED[number])
    if customer != HARBORLINE and random.random() < 0.06 and invoice.day > -120:
        return invoice
    paid_on = min(invoice.day + random.randint(6, 38), -2)
    if customer != HARBORLINE and random.random() < 0.05:
        return _changed(invoice, payments=((paid_on, "100"),))
    return _changed(invoice, payments=((paid_on, ""),))


def _invoice(random: Random, number: int, customer: str) -> Planned:
    return Planned(
        number=f"INV-{number}",
        customer=customer,
        day=_day(number),
        total=str(_amount(random)),
        purchase_order=_purchase_order(number),
        order_number=_order_number(number),
        site=random.randrange(4),
    )


def _changed(
    invoice: Planned,
    *,
    payments: tuple[tuple[int, str], ...] = (),
    cancelled: tuple[str, str] = ("", ""),
) -> Planned:
    return replace(invoice, payments=payments, cancelled_by=cancelled[0], cancelled_as=cancelled[1])
