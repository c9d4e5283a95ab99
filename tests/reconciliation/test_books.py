"""The gateways' books: mirrored once, handed over, told to the ledger, compared."""

from __future__ import annotations

import pytest
from django.db import DatabaseError

from quittance.core.errors import OutsideError
from quittance.core.money import Money
from quittance.ledger import accounts
from quittance.ledger.record import balances
from quittance.reconciliation.books import read_books
from quittance.reconciliation.checking import NOW, check, look
from quittance.reconciliation.jobs import books, read
from quittance.reconciliation.models import BooksCursor, GatewayMovement
from quittance.tenancy.rows import reading, writing
from tests.ground import Ground
from tests.reconciliation.rows import (
    captured,
    clearing,
    gateway_balance,
    kinds,
    waiting_jobs,
    woken,
)


def test_a_charge_is_mirrored_with_its_fee_in_the_ledger(ground: Ground) -> None:
    captured(ground, "100.00")

    read_books(ground.gateway_account_id)

    assert kinds() == ["charge"]
    with reading():
        (movement,) = GatewayMovement.objects.all()
        fees = balances(accounts.gateway_fees(ground.gateway_account_id))
    assert (movement.gross_minor, movement.fee_minor) == (100_00, 320)  # 2.9 % and 30 cents
    assert fees == {"USD": Money(320, "USD")}
    assert clearing(ground) == gateway_balance(ground) == {"USD": Money(96_80, "USD")}


def test_reading_twice_changes_nothing(ground: Ground) -> None:
    captured(ground)
    read_books(ground.gateway_account_id)

    assert read_books(ground.gateway_account_id) == []
    assert kinds() == ["charge"]
    under_way = {"q1_nothing_in_limbo", "q6_messages_are_read"}
    assert {row.key for row in check(older_than=NOW)} <= under_way


@pytest.mark.parametrize("cursor", ["", "bal_999999999999999999999999"])
def test_a_place_that_was_lost_doubles_and_hides_nothing(ground: Ground, cursor: str) -> None:
    captured(ground)
    read_books(ground.gateway_account_id)
    with writing():
        BooksCursor.objects.update(cursor=cursor)
    captured(ground)

    read_books(ground.gateway_account_id)

    assert kinds() == ["charge", "charge"]
    assert clearing(ground) == gateway_balance(ground)


def test_books_that_do_not_answer_are_noted_and_read_later(ground: Ground) -> None:
    captured(ground)
    ground.world.gateway_fault("GET /v1/balance_entries*", "status", status=503)

    with pytest.raises(OutsideError):
        read_books(ground.gateway_account_id)
    with reading():
        assert BooksCursor.objects.get().failure
    read_books(ground.gateway_account_id)

    with reading():
        assert BooksCursor.objects.get().failure == ""
    assert kinds() == ["charge"]


def test_the_mirror_of_the_books_only_grows(ground: Ground) -> None:
    captured(ground)
    read_books(ground.gateway_account_id)

    with pytest.raises(DatabaseError, match="only ever grows"), writing():
        GatewayMovement.objects.update(gross_minor=1)


@pytest.mark.failure("F24")
def test_a_payment_whose_webhook_never_came_is_found_in_the_books(ground: Ground) -> None:
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    ground.on_page(payment)

    books(
        organization_id=str(ground.organization_id),
        gateway_account_id=str(ground.gateway_account_id), payouts=False,
    )  # fmt: skip
    (row,) = look("q2_charges_are_the_gateways", older_than=NOW)
    assert row.payment_id == payment.pk
    assert woken(ground) == [payment.pk]
    ground.advance(payment)

    assert ground.again(payment).status == "succeeded"
    assert look("q2_charges_are_the_gateways", older_than=NOW) == []


def test_every_gateway_account_is_read_by_the_clock(ground: Ground) -> None:
    read(0)
    read(60)

    assert len(waiting_jobs("reconciliation.books", ground)) == 1
