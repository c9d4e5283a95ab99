"""Clocks of machines differ and summer time comes: leases and days follow neither."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quittance.core import clock
from quittance.payments.discounts import BUSINESS_DAYS, ON_THE_PAGE, last_arrival
from quittance.posting.models import ErpPosting
from quittance.posting.transitions import claim
from quittance.tenancy.rows import reading, writing
from tests.ground import Ground
from tests.reconciliation.rows import captured

pytestmark = pytest.mark.failure("F55")
ZONES = st.sampled_from(
    ["America/Los_Angeles", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kolkata"]
)
_FIRST, _LAST = datetime(2011, 1, 1, tzinfo=UTC), datetime(2037, 12, 31, tzinfo=UTC)
MOMENTS = st.integers(0, int((_LAST - _FIRST).total_seconds())).map(
    lambda seconds: _FIRST + timedelta(seconds=seconds)
)


def posting_of(ground: Ground) -> tuple[ErpPosting, ErpPosting]:
    """A posting as two workers have read it."""
    payment = captured(ground)
    with reading():
        one, two = (ErpPosting.objects.get(source_id=payment.pk) for _ in range(2))
    return one, two


@pytest.mark.parametrize("ahead", [timedelta(minutes=10), timedelta(hours=2), timedelta(days=1)])
def test_a_machine_whose_clock_is_ahead_takes_no_lease_that_another_holds(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, ahead: timedelta
) -> None:
    one, two = posting_of(ground)
    true = clock.now
    assert claim(one)

    monkeypatch.setattr(clock, "now", lambda: true() + ahead)

    assert not claim(two)


def test_a_machine_whose_clock_is_behind_takes_a_lease_that_has_ended(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = posting_of(ground)
    true = clock.now
    assert claim(one)
    with writing():
        ErpPosting.objects.filter(pk=one.pk).update(lease_until=true() - timedelta(seconds=5))

    monkeypatch.setattr(clock, "now", lambda: true() - timedelta(hours=2))

    assert claim(two)


@given(now=MOMENTS, zone=ZONES, method=st.sampled_from(sorted(BUSINESS_DAYS)))
def test_money_arrives_on_a_day_of_the_zone_whatever_its_clocks_do(
    now: datetime, zone: str, method: str
) -> None:
    """Summer time, a day that a country left out, a month's end: days are counted, not hours."""
    arrives = last_arrival(method, now=now, zone=zone)

    first = (now + ON_THE_PAGE).astimezone(ZoneInfo(zone)).date()
    assert arrives is not None
    business = [
        day
        for day in (first + timedelta(days=n) for n in range(1, (arrives - first).days + 1))
        if day.weekday() < 5
    ]
    assert len(business) == BUSINESS_DAYS[method]
    assert arrives == first or arrives.weekday() < 5


@pytest.mark.parametrize(
    ("moment", "zone", "day"),
    [
        # The hour that there is twice, and the one that there is not.
        (datetime(2026, 11, 1, 8, 30, tzinfo=UTC), "America/Los_Angeles", date(2026, 11, 1)),
        (datetime(2026, 11, 1, 6, 59, tzinfo=UTC), "America/Los_Angeles", date(2026, 10, 31)),
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), "Europe/Berlin", date(2026, 3, 29)),
        (datetime(2026, 3, 31, 22, 0, tzinfo=UTC), "Europe/Berlin", date(2026, 4, 1)),
        (datetime(2026, 2, 28, 23, 30, tzinfo=UTC), "Europe/Berlin", date(2026, 3, 1)),
        (datetime(2028, 2, 29, 7, 59, tzinfo=UTC), "America/Los_Angeles", date(2028, 2, 28)),
    ],
)
def test_a_card_that_pays_now_comes_on_the_legal_entitys_day(
    moment: datetime, zone: str, day: date
) -> None:
    assert last_arrival("card", now=moment - ON_THE_PAGE, zone=zone) == day
