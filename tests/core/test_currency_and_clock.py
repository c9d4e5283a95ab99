"""Decimals of currencies, and what time it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from quittance.core import clock
from quittance.core.currency import minor_unit_digits


@pytest.mark.parametrize(
    ("currency", "digits"),
    [("USD", 2), ("EUR", 2), ("JPY", 0), ("KRW", 0), ("ISK", 0), ("KWD", 3), ("TND", 3),
     ("CLF", 4), ("HUF", 2), ("XXX", 2)],
)  # fmt: skip
def test_a_currency_has_the_decimals_of_iso_4217(currency: str, digits: int) -> None:
    assert minor_unit_digits(currency) == digits


def test_now_is_in_utc() -> None:
    now = clock.now()

    assert now.tzinfo is UTC
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=5)


@pytest.mark.failure("F55")
def test_today_is_the_zones_own_day() -> None:
    east, west = clock.today("Pacific/Kiritimati"), clock.today("Pacific/Pago_Pago")

    assert east - west in {timedelta(days=1), timedelta(days=2)}  # they lie 25 hours apart
