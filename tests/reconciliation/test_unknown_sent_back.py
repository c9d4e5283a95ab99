"""Unknown money goes back only while it is nobody's, and as often as a refund of it fails."""

from __future__ import annotations

from typing import Any

import pytest

from quittance.core.errors import OutsideError, Refused
from quittance.gateways.base import RefundState
from quittance.payments.models import Payment
from quittance.posting.models import ErpPosting
from quittance.reconciliation.books import read_books
from quittance.reconciliation.checking import NOW
from quittance.reconciliation.exceptions import NothingWaits
from quittance.reconciliation.findings import look_and_keep
from quittance.reconciliation.models import Finding
from quittance.reconciliation.unknown import (
    KnownMeanwhile,
    adopt_unknown,
    refund_unknown,
    resolve_unknown,
)
from quittance.tenancy.rows import reading, writing
from tests.ground import Ground, pay_on_page
from tests.payments.rows import died_after_asking
from tests.reconciliation.rows import desk
from tests.reconciliation.test_unknown import charged_elsewhere, found, refunds_of, still_unknown

KEY = {"Authorization": "Bearer sk_sandbox_demo"}


def paid_after_the_worker_died(ground: Ground) -> tuple[Payment, str]:
    """A payment whose money came while we do not know its id at the gateway."""
    payment, gateway_object = died_after_asking(ground)
    url = f"{ground.world.gateway.url}/v1/payments/{gateway_object}"
    page = ground.world.client.get(url, headers=KEY).raise_for_status()
    pay_on_page(page.json()["url"], "4242424242424242")
    return payment, gateway_object


def states(ground: Ground, charge: dict[str, Any]) -> list[tuple[str, int]]:
    """What became of the gateway's refunds of a charge."""
    answer = ground.world.client.get(
        f"{ground.world.gateway.url}/v1/refunds", params={"payment": charge["id"]}, headers=KEY
    ).raise_for_status()
    return sorted((each["state"], each["amount_minor"]) for each in answer.json()["data"])


def bank_sends_back(ground: Ground, charge: dict[str, Any]) -> None:
    """The payer's bank sends the refund that lives back to us."""
    answer = ground.world.client.get(
        f"{ground.world.gateway.url}/v1/refunds", params={"payment": charge["id"]}, headers=KEY
    ).raise_for_status()
    living = [each for each in answer.json()["data"] if each["state"] != RefundState.FAILED]
    desk(ground, f"/refunds/{living[0]['id']}/fail", code="account_closed")


def read(ground: Ground) -> None:
    read_books(ground.gateway_account_id)
    look_and_keep(older_than=NOW)


@pytest.mark.failure("F31", "F53")
def test_money_that_was_booked_for_a_customer_is_not_given_back_by_a_second_clerk(
    ground: Ground,
) -> None:
    charge = charged_elsewhere(ground)
    row = found(ground)
    payment = adopt_unknown(row.subject_id, customer_account_id=ground.account().pk)
    ground.advance(payment)
    with reading():
        assert ErpPosting.objects.get(source_id=payment.pk).status == "confirmed"
        assert Finding.objects.get(pk=row.subject_id).status == "healed"

    with pytest.raises(NothingWaits):  # the other clerk's page is a minute old
        refund_unknown(row.subject_id)

    assert refunds_of(ground, charge) == []


@pytest.mark.failure("F14", "F53")
def test_money_of_a_payment_that_succeeded_meanwhile_is_not_given_back_as_unknown(
    ground: Ground,
) -> None:
    payment, gateway_object = paid_after_the_worker_died(ground)
    row = found(ground)
    payment = ground.advance(payment)
    assert payment.status == "succeeded"

    with pytest.raises(KnownMeanwhile):
        refund_unknown(row.subject_id)

    assert refunds_of(ground, {"id": gateway_object}) == []


@pytest.mark.failure("F14", "F53")
def test_money_that_a_payment_of_ours_waits_for_is_neither_given_back_nor_booked(
    ground: Ground,
) -> None:
    _, gateway_object = paid_after_the_worker_died(ground)
    row = found(ground)

    with pytest.raises(KnownMeanwhile):
        refund_unknown(row.subject_id)
    with pytest.raises(KnownMeanwhile):
        adopt_unknown(row.subject_id, customer_account_id=ground.account().pk)

    with reading():
        assert Finding.objects.get(pk=row.subject_id).refund_asked_at is None
        assert Payment.objects.count() == 1
    assert refunds_of(ground, {"id": gateway_object}) == []


@pytest.mark.failure("F14", "F53")
def test_money_that_was_to_go_back_stays_when_it_is_known_before_the_gateway_answers(
    ground: Ground,
) -> None:
    payment, gateway_object = paid_after_the_worker_died(ground)
    row = found(ground)
    with writing():  # a clerk of the release before has asked, and the gateway was away
        finding = Finding.objects.get(pk=row.subject_id)
        Finding.objects.filter(pk=finding.pk).update(refund_asked_at=finding.opened_at)
    ground.advance(payment)

    resolve_unknown()

    assert refunds_of(ground, {"id": gateway_object}) == []
    with reading():
        assert Finding.objects.get(pk=row.subject_id).refund_asked_at is None


@pytest.mark.failure("F53")
def test_unknown_money_whose_refund_failed_is_sent_back_again(ground: Ground) -> None:
    charge = charged_elsewhere(ground)
    row = found(ground)
    for times in (1, 2):
        refund_unknown(row.subject_id)
        read(ground)
        bank_sends_back(ground, charge)
        assert found(ground).subject_id == row.subject_id, times

    refund_unknown(row.subject_id)
    refund_unknown(row.subject_id)
    resolve_unknown()

    assert states(ground, charge) == [("failed", 4200), ("failed", 4200), ("succeeded", 4200)]
    assert still_unknown(ground) == []


@pytest.mark.failure("F31", "F53")
def test_a_second_refund_whose_answer_was_lost_is_made_once(ground: Ground) -> None:
    charge = charged_elsewhere(ground)
    row = found(ground)
    refund_unknown(row.subject_id)
    read(ground)
    bank_sends_back(ground, charge)
    found(ground)
    ground.world.gateway_fault("POST /v1/refunds", "drop_after")

    with pytest.raises(OutsideError):
        refund_unknown(row.subject_id)
    resolve_unknown()
    resolve_unknown()

    assert states(ground, charge) == [("failed", 4200), ("succeeded", 4200)]


@pytest.mark.failure("F32", "F53")
def test_of_unknown_money_only_what_is_left_is_sent_back(ground: Ground) -> None:
    charge = charged_elsewhere(ground)
    row = found(ground)
    desk(ground, f"/payments/{charge['id']}/refund", amount_minor=1000)
    with pytest.raises(Refused):  # the books were not read since: the gateway knows better
        refund_unknown(row.subject_id)
    read(ground)

    refund_unknown(row.subject_id)

    assert states(ground, charge) == [("succeeded", 1000), ("succeeded", 3200)]
    assert still_unknown(ground) == []
