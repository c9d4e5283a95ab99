"""A card's last day ends where its seller is: midnight of UTC says nothing about it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from quittance.core.clock import now, today
from quittance.tenancy.models import LegalEntity
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened
from quittance.wallet.charging import usable_methods, why_not
from quittance.wallet.expiry import SOON, announce_expiring
from quittance.wallet.models import KeptMethod
from tests.wallet.wallets import Wallet

# At every moment it is another day than in UTC in one of the two: 14 hours ahead, 11 behind.
ELSEWHERE = "Pacific/Kiritimati" if now().hour >= 10 else "Pacific/Midway"


@pytest.fixture
def day(wallet: Wallet) -> date:
    """Move the seller to where it is another day, and say which."""
    with widened(), writing():
        LegalEntity.objects.update(zone=ELSEWHERE)
    assert today(ELSEWHERE) != today("UTC")
    return today(ELSEWHERE)


def card(wallet: Wallet, expires_on: date) -> KeptMethod:
    kept = wallet.save()
    with writing():
        KeptMethod.objects.filter(pk=kept.pk).update(expires_on=expires_on, expiry_told_at=None)
    return wallet.kept(kept.pk)


@pytest.mark.parametrize(("days", "usable"), [(0, True), (-1, False)])
def test_a_card_pays_through_its_last_day_there(
    wallet: Wallet, day: date, days: int, usable: bool
) -> None:
    kept = card(wallet, day + timedelta(days=days))

    with reading():
        problem = why_not(kept, currency="USD", user_id=kept.saved_by_id)
        found = usable_methods([kept.customer_account_id], currency="USD", user_id=kept.saved_by_id)
    assert (problem == "", [each.pk for each in found]) == (usable, [kept.pk] * usable)


@pytest.mark.parametrize(
    ("ahead", "told"),
    [
        (timedelta(days=-1), 0), (timedelta(0), 1),
        (SOON, 1), (SOON + timedelta(days=1), 0),
    ],
)  # fmt: skip
def test_its_expiry_is_announced_by_the_days_there(
    wallet: Wallet, day: date, ahead: timedelta, told: int
) -> None:
    card(wallet, day + ahead)

    with widened():
        assert announce_expiring() == told
    assert len(wallet.mails("method_expires")) == told
