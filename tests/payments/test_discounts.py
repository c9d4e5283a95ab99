"""On which day a discount ends, and which money is in time: over zones, summer time, month ends."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quittance.payments.discounts import ON_THE_PAGE, Discount, discount_of, last_arrival
from quittance.payments.owed import Owed
from quittance.receivables.models import Invoice
from quittance.tenancy.scope import working_for

ZONES = (
    "America/Los_Angeles", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe",
    "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/Sao_Paulo",
)  # fmt: skip
LA = "America/Los_Angeles"
pytestmark = pytest.mark.usefixtures("organization")
MOMENTS = st.integers(1_767_225_600, 1_893_456_000).map(  # four years
    lambda second: dt.datetime.fromtimestamp(second, dt.UTC)
)


@pytest.fixture(scope="module")
def organization() -> Iterator[None]:
    """A scope for rows that are never written."""
    with working_for(uuid.UUID(int=1), actor="test"):
        yield


def moment(text: str, zone: str = LA) -> dt.datetime:
    """What a clock on the wall there shows, as the moment that it is."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)


def owed(*, until: dt.date | None, minor: int = 200, open_: int = 10_000, busy: int = 0) -> Owed:
    """An invoice of 100.00 with 2.00 off."""
    invoice = Invoice(
        currency="USD", open_minor=open_, total_minor=10_000, discount_minor=minor,
        discount_until=until,
    )  # fmt: skip
    return Owed(invoice, busy)


def found(text: str, until: str, *, method: str = "card", zone: str = LA) -> Discount | None:
    """What may be taken off at this moment."""
    last = dt.date.fromisoformat(until)
    return discount_of(owed(until=last), method=method, now=moment(text, zone), zone=zone)


@pytest.mark.failure("F55")
@pytest.mark.parametrize(
    ("text", "until", "expected"),
    [
        ("2026-03-14 22:44", "2026-03-14", "sure"),  # an hour and a quarter for the payer
        ("2026-03-14 22:46", "2026-03-14", "open"),  # paid after midnight it would be too late
        ("2026-03-15 00:00", "2026-03-14", "over"),
        ("2026-03-07 22:44", "2026-03-07", "sure"),  # the night on which the clocks go forward
        ("2026-10-31 22:44", "2026-10-31", "sure"),  # and back
        ("2026-11-01 22:46", "2026-11-01", "open"),
        ("2026-02-28 12:00", "2026-02-28", "sure"),  # the last day of a month
        ("2028-02-29 12:00", "2028-02-29", "sure"),
        ("2026-12-31 23:59", "2026-12-31", "open"),
        ("2027-01-01 00:00", "2026-12-31", "over"),
    ],
)
def test_a_card_earns_the_discount_until_the_payer_may_be_too_late(
    text: str, until: str, expected: str
) -> None:
    discount = found(text, until)

    assert ("over" if discount is None else "sure" if discount.is_sure else "open") == expected


@pytest.mark.failure("F55")
def test_the_day_is_the_legal_entitys_and_not_the_servers() -> None:
    now = moment("2026-03-14 12:00", "Pacific/Kiritimati")  # March 13 in Los Angeles
    last = dt.date(2026, 3, 13)

    assert discount_of(owed(until=last), method="card", now=now, zone="Pacific/Kiritimati") is None
    there = discount_of(owed(until=last), method="card", now=now, zone=LA)
    assert there is not None
    assert there.is_sure


@pytest.mark.parametrize(
    ("text", "until", "sure"),
    [
        ("2026-03-09 12:00", "2026-03-16", True),  # Monday: five business days are next Monday
        ("2026-03-09 12:00", "2026-03-15", False),
        ("2026-03-13 12:00", "2026-03-20", True),  # Friday
        ("2026-03-14 12:00", "2026-03-20", True),  # Saturday
        ("2026-03-14 12:00", "2026-03-19", False),
        ("2026-02-27 12:00", "2026-03-06", True),  # over the end of a month
    ],
)
def test_a_bank_debit_earns_it_only_with_five_business_days_to_go(
    text: str, until: str, sure: bool
) -> None:
    discount = found(text, until, method="bank_debit")

    assert discount is not None
    assert discount.is_sure is sure


def test_a_method_that_nobody_has_described_is_never_in_time() -> None:
    assert last_arrival("barter", now=moment("2026-03-14 12:00"), zone=LA) is None
    discount = found("2026-03-14 12:00", "2026-12-31", method="barter")
    assert discount is not None
    assert not discount.is_sure


@pytest.mark.parametrize(
    ("what", "sure"),
    [({"busy": 4_000}, False), ({"open_": 6_000}, True), ({}, True)],
    ids=["another payment is under way", "a part was paid before", "nothing was paid yet"],
)
def test_it_is_sure_only_when_nothing_else_of_the_invoice_is_under_way(
    what: dict[str, int], sure: bool
) -> None:
    now = moment("2026-03-01 12:00")
    discount = discount_of(
        owed(until=dt.date(2026, 3, 14), **what), method="card", now=now, zone=LA
    )

    assert discount is not None
    assert discount.is_sure is sure


@pytest.mark.parametrize(
    "what",
    [{"minor": 0}, {"until": None, "minor": 0}, {"open_": 200}, {"open_": 10_000, "busy": 9_900}],
)
def test_there_is_none_where_it_would_leave_nothing_to_pay(what: dict[str, Any]) -> None:
    facts = {"until": dt.date(2026, 3, 14), **what}
    now = moment("2026-03-01 12:00")

    assert discount_of(owed(**facts), method="card", now=now, zone=LA) is None


@pytest.mark.failure("F55")
@settings(max_examples=1000, deadline=None)
@given(
    now=MOMENTS,
    zone=st.sampled_from(ZONES),
    ahead=st.integers(-3, 3),
    waits=st.timedeltas(dt.timedelta(0), ON_THE_PAGE),
)
def test_money_that_comes_within_the_payers_hour_is_in_time_for_every_promise(
    now: dt.datetime, zone: str, ahead: int, waits: dt.timedelta
) -> None:
    until = now.astimezone(ZoneInfo(zone)).date() + dt.timedelta(days=ahead)
    discount = discount_of(owed(until=until), method="card", now=now, zone=zone)

    paid_on = (now + waits).astimezone(ZoneInfo(zone)).date()
    if discount is not None and discount.is_sure:
        assert paid_on <= until
    if discount is None:
        assert paid_on > until


@pytest.mark.failure("F55")
@settings(max_examples=500, deadline=None)
@given(
    now=MOMENTS,
    zone=st.sampled_from(ZONES),
)
def test_a_bank_debit_arrives_on_a_business_day_after_five_of_them(
    now: dt.datetime, zone: str
) -> None:
    arrives = last_arrival("bank_debit", now=now, zone=zone)

    begins = (now + ON_THE_PAGE).astimezone(ZoneInfo(zone)).date()
    assert arrives is not None
    assert arrives.weekday() < 5
    days = [begins + dt.timedelta(days=n + 1) for n in range((arrives - begins).days)]
    assert sum(day.weekday() < 5 for day in days) == 5
