"""Money at the gateway that nobody here knows: seen within minutes, given back or booked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from quittance.core.errors import OutsideError, Refused
from quittance.core.ids import new_id
from quittance.core.money import Money
from quittance.payments.models import GatewayAttempt, Payment, Reversal
from quittance.posting.models import ErpPosting
from quittance.reconciliation.books import read_books
from quittance.reconciliation.catalogue import CATALOGUE
from quittance.reconciliation.checking import NOW, look
from quittance.reconciliation.exceptions import Act, ExceptionRow, Kind, NothingWaits
from quittance.reconciliation.findings import look_and_keep
from quittance.reconciliation.models import Finding
from quittance.reconciliation.unknown import (
    KIND,
    RefundUnderWay,
    adopt_unknown,
    refund_unknown,
    resolve_unknown,
)
from quittance.tenancy.rows import reading
from tests.ground import Ground, pay_on_page
from tests.payments.rows import died_after_asking
from tests.reconciliation.rows import clearing, desk, gateway_balance, queue, woken


def charged_elsewhere(ground: Ground, reference: str = "lost:1", key: str = "") -> dict[str, Any]:
    """A charge under a reference of ours of which we have no row: as after a restore."""
    made = ground.world.client.post(
        f"{ground.world.gateway.url}/v1/payments",
        headers={"Authorization": "Bearer sk_sandbox_demo", "Idempotency-Key": key or reference},
        json={
            "reference": reference, "amount_minor": 4200, "currency": "USD", "method": "card",
            "description": "Payment P-LOST", "return_url": "http://127.0.0.1/",
            "cancel_url": "http://127.0.0.1/", "locale": "en",
        },
    )  # fmt: skip
    said: dict[str, Any] = made.raise_for_status().json()
    desk(ground, f"/payments/{said['id']}/pay", number="4242424242424242")
    return said


def found(ground: Ground) -> ExceptionRow:
    """The row in the queue, after the books were read and looked at."""
    read_books(ground.gateway_account_id)
    look_and_keep(older_than=NOW)
    return next(row for row in queue() if row.kind == Kind.UNKNOWN_MONEY)


def still_unknown(ground: Ground) -> list[str]:
    read_books(ground.gateway_account_id)
    return [row.subject for row in look(KIND, older_than=NOW)]


@pytest.mark.failure("F53")
def test_a_charge_that_nobody_knows_waits_for_a_person_with_its_amount(ground: Ground) -> None:
    charge = charged_elsewhere(ground)

    row = found(ground)

    assert row.amount == Money(4200, "USD")
    assert charge["id"] in row.sentence
    assert row.act == Act.REFUND_UNKNOWN


def test_a_charge_that_nobody_knows_is_told_within_a_quarter_of_an_hour() -> None:
    """The books are read every minute, and looked at every five."""
    assert CATALOGUE[KIND].patience + timedelta(minutes=5) <= timedelta(minutes=15)


@pytest.mark.failure("F53")
def test_unknown_money_is_given_back_once_and_the_finding_heals(ground: Ground) -> None:
    charge = charged_elsewhere(ground)
    row = found(ground)

    refund_unknown(row.subject_id)
    refund_unknown(row.subject_id)

    assert refunds_of(ground, charge) == [4200]
    assert still_unknown(ground) == []
    look_and_keep(older_than=NOW)
    with pytest.raises(NothingWaits):
        refund_unknown(row.subject_id)
    with reading():
        assert Finding.objects.get(pk=row.subject_id).status == "healed"


def test_a_refund_of_unknown_money_whose_answer_was_lost_is_made_once(ground: Ground) -> None:
    charge = charged_elsewhere(ground)
    row = found(ground)
    ground.world.gateway_fault("POST /v1/refunds", "drop_after")

    with pytest.raises(OutsideError):
        refund_unknown(row.subject_id)
    resolve_unknown()

    assert refunds_of(ground, charge) == [4200]
    assert still_unknown(ground) == []


def test_a_refund_that_never_reached_the_gateway_is_asked_for_again(ground: Ground) -> None:
    charge = charged_elsewhere(ground)
    row = found(ground)
    ground.world.gateway_fault("POST /v1/refunds", "status", status=503)

    with pytest.raises(OutsideError):
        refund_unknown(row.subject_id)
    resolve_unknown()

    assert refunds_of(ground, charge) == [4200]


def test_what_the_gateway_refuses_to_give_back_a_person_decides_anew(ground: Ground) -> None:
    charge = charged_elsewhere(ground)
    row = found(ground)
    desk(ground, f"/payments/{charge['id']}/refund", amount_minor=1000)

    with pytest.raises(Refused):
        refund_unknown(row.subject_id)

    with reading():
        assert Finding.objects.get(pk=row.subject_id).refund_asked_at is None


@pytest.mark.failure("F53")
def test_unknown_money_is_booked_on_the_account_that_a_person_chose(ground: Ground) -> None:
    charged_elsewhere(ground)
    row = found(ground)
    account = ground.account()

    payment = adopt_unknown(row.subject_id, customer_account_id=account.pk)

    with reading():
        payment = Payment.objects.get(pk=payment.pk)
        posting = ErpPosting.objects.get(source_id=payment.pk)
        lines = list(posting.lines.values_list("invoice_erp_id", "amount_minor"))
    assert (payment.status, payment.on_account_minor) == ("succeeded", 4200)
    assert lines == [("", 4200)]
    assert woken(ground) == [payment.pk]
    assert still_unknown(ground) == []
    assert clearing(ground) == gateway_balance(ground)
    ground.advance(payment)
    with reading():
        posting.refresh_from_db()
    assert posting.status == "confirmed", posting.rejection


def test_booked_once_however_often_it_is_pressed(ground: Ground) -> None:
    charged_elsewhere(ground)
    row = found(ground)
    account = ground.account()

    first = adopt_unknown(row.subject_id, customer_account_id=account.pk)
    second = adopt_unknown(row.subject_id, customer_account_id=account.pk)

    assert first.pk == second.pk
    with reading():
        assert Payment.objects.count() == 1


def test_unknown_money_booked_for_one_customer_is_not_booked_for_another(ground: Ground) -> None:
    charged_elsewhere(ground)
    row = found(ground)
    adopt_unknown(row.subject_id, customer_account_id=ground.account().pk)

    with pytest.raises(NothingWaits):
        adopt_unknown(row.subject_id, customer_account_id=new_id())


@pytest.mark.failure("F53")
def test_a_second_charge_under_a_reference_of_ours_is_booked_under_one_of_its_own(
    ground: Ground,
) -> None:
    first = ground.paid((ground.bill("42.00"), "42.00"))
    charge = charged_elsewhere(ground, reference=f"{first.pk}:1", key="another")
    row = found(ground)

    second = adopt_unknown(row.subject_id, customer_account_id=ground.account().pk)

    ground.advance(second)
    with reading():
        attempt = second.attempts.get()
        posting = ErpPosting.objects.get(source_id=second.pk)
    assert second.pk != first.pk
    assert (second.status, attempt.status) == ("succeeded", "succeeded")
    assert (attempt.gateway_object, attempt.problem) == (charge["id"], "")
    assert attempt.reference != f"{first.pk}:1"
    assert posting.status == "confirmed", posting.rejection
    assert still_unknown(ground) == []


def test_money_on_its_way_back_is_not_booked_too(ground: Ground) -> None:
    charged_elsewhere(ground)
    row = found(ground)
    refund_unknown(row.subject_id)

    with pytest.raises(RefundUnderWay):
        adopt_unknown(row.subject_id, customer_account_id=ground.account().pk)


def test_a_charge_of_an_attempt_whose_answer_was_lost_wakes_its_payment(ground: Ground) -> None:
    payment, gateway_object = died_after_asking(ground)
    page = ground.world.client.get(
        f"{ground.world.gateway.url}/v1/payments/{gateway_object}",
        headers={"Authorization": "Bearer sk_sandbox_demo"},
    )
    pay_on_page(page.json()["url"], "4242424242424242")
    read_books(ground.gateway_account_id)

    assert resolve_unknown() == 1
    assert woken(ground) == [payment.pk]
    ground.advance(payment)

    with reading():
        assert GatewayAttempt.objects.get().status == "succeeded"
        assert Reversal.objects.count() == 0
    assert still_unknown(ground) == []


def refunds_of(ground: Ground, charge: dict[str, Any]) -> list[int]:
    """The gateway's refunds of a charge."""
    answer = ground.world.client.get(
        f"{ground.world.gateway.url}/v1/refunds", params={"payment": charge["id"]},
        headers={"Authorization": "Bearer sk_sandbox_demo"},
    )  # fmt: skip
    return [each["amount_minor"] for each in answer.raise_for_status().json()["data"]]
