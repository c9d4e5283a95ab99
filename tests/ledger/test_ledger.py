"""Movements of money: each sums to zero, stands once, and stays."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection

from quittance.core.money import Money
from quittance.ledger.models import LedgerEntry, LedgerTransaction
from quittance.ledger.record import balances, record
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import narrowed_to
from tests.audit.house import new_organization


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def keep(key: str, **entries: Money) -> None:
    """Record one movement in a transaction of its own."""
    with writing():
        record(key, "test", entries)


def held() -> list[str]:
    with reading():
        return sorted(LedgerTransaction.objects.values_list("key", flat=True))


def test_a_movement_that_sums_to_zero_is_kept(organization: UUID) -> None:
    keep("k", gateway=usd(1000), unposted=usd(-1000))

    with reading():
        assert balances("gateway") == {"USD": usd(1000)}
        assert balances("unposted") == {"USD": usd(-1000)}


def test_a_movement_that_does_not_sum_to_zero_is_refused_as_a_whole(organization: UUID) -> None:
    with pytest.raises(IntegrityError, match="does not sum to zero"):
        keep("k", gateway=usd(1000), unposted=usd(-999))

    assert held() == []


def test_every_currency_balances_by_itself(organization: UUID) -> None:
    with pytest.raises(IntegrityError, match="does not sum to zero"):
        keep("k", gateway=usd(1000), unposted=Money(-1000, "EUR"))


def test_an_entry_of_nothing_is_refused(organization: UUID) -> None:
    with pytest.raises(IntegrityError):
        keep("k", gateway=usd(0), unposted=usd(0))


def test_an_entry_added_later_must_not_unbalance_a_movement(organization: UUID) -> None:
    keep("k", gateway=usd(1000), unposted=usd(-1000))
    with reading():
        movement = LedgerTransaction.objects.get()

    with pytest.raises(IntegrityError, match="does not sum to zero"), writing():
        LedgerEntry.objects.create(
            transaction=movement, account="gateway", amount_minor=1, currency="USD"
        )


def test_nobody_unbalances_the_ledger_by_not_seeing_it(organization: UUID) -> None:
    with narrowed_to([uuid4()]), pytest.raises(IntegrityError, match="who may see them"):
        keep("k", gateway=usd(1000), unposted=usd(-999))

    assert held() == []


def test_a_movement_is_recorded_once_per_key(organization: UUID) -> None:
    keep("k", gateway=usd(1000), unposted=usd(-1000))

    with pytest.raises(IntegrityError):
        keep("k", gateway=usd(1000), unposted=usd(-1000))

    with reading():
        assert balances("gateway") == {"USD": usd(1000)}


def test_another_organization_has_keys_and_balances_of_its_own(organization: UUID) -> None:
    keep("k", gateway=usd(1000), unposted=usd(-1000))

    with new_organization("Fabrikam"):
        keep("k", gateway=usd(1), unposted=usd(-1))
        with reading():
            assert balances("gateway") == {"USD": usd(1)}


@pytest.mark.parametrize("table", ["ledger_ledgerentry", "ledger_ledgertransaction"])
@pytest.mark.parametrize(
    "change", ["UPDATE {} SET organization_id = organization_id", "DELETE FROM {}", "TRUNCATE {}"]
)
def test_the_ledger_only_ever_grows(organization: UUID, table: str, change: str) -> None:
    keep("k", gateway=usd(1000), unposted=usd(-1000))

    with pytest.raises(DatabaseError), writing(), connection.cursor() as cursor:
        cursor.execute(change.format(table))

    assert held() == ["k"]


def test_balances_are_kept_apart_by_currency(organization: UUID) -> None:
    keep("a", gateway=usd(1000), unposted=usd(-1000))
    keep("b", gateway=usd(-300), unposted=usd(300))
    keep("c", gateway=Money(7, "JPY"), unposted=Money(-7, "JPY"))

    with reading():
        assert balances("gateway") == {"USD": usd(700), "JPY": Money(7, "JPY")}
        assert balances("nobody") == {}


def test_a_buyer_sees_nothing_of_the_ledger(organization: UUID) -> None:
    keep("k", gateway=usd(1000), unposted=usd(-1000))

    with narrowed_to([uuid4()]), reading():
        assert balances("gateway") == {}
