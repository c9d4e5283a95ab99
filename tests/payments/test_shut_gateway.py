"""A gateway that does not accept our key: nothing is decided, and it is left alone for a while."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quittance.connections import gate
from quittance.connections.keep import keep_gateway_account
from quittance.connections.models import GatewayAccount
from quittance.connections.open import gateway_for
from quittance.core import clock
from quittance.core.errors import Misconfigured, Unavailable
from quittance.payments.models import Payment
from quittance.tenancy.rows import reading, writing
from tests.ground import Ground, _gateway_settings
from tests.payments.rows import attempt_of, statuses

READ = "GET /v1/payments/*"


def account() -> GatewayAccount:
    with reading():
        return GatewayAccount.objects.get()


def shut() -> list[str]:
    with reading():
        return gate.shut_accounts()


def asked(ground: Ground, payment: Payment) -> int:
    """How often the gateway was asked about a payment."""
    said = ground.world.client.get(f"{ground.world.gateway.control_url}/requests").json()["data"]
    path = f"/v1/payments/{attempt_of(payment).gateway_object}"
    return sum(each["path"].startswith(path) for each in said)


def revoked(ground: Ground) -> Payment:
    """A payment that the payer has paid, while the gateway does not accept our key any more."""
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    ground.on_page(payment)
    ground.world.gateway_fault(READ, "status", status=401, times=50)
    return payment


@pytest.mark.failure("F29")
def test_a_gateway_that_refuses_our_key_is_left_alone_and_nothing_is_decided(
    ground: Ground,
) -> None:
    payment = revoked(ground)
    for _ in range(gate.AFTER):
        ground.advance(payment)
    before = asked(ground, payment)

    for _ in range(4):
        payment = ground.advance(payment)

    assert before == gate.AFTER
    assert asked(ground, payment) == before
    assert statuses(payment) == ("in_flight", "open", ["reserved"])
    assert payment.next_at is not None
    assert payment.next_at > clock.now() + timedelta(seconds=30)
    assert shut() == ["Gateway"]


@pytest.mark.failure("F29")
def test_while_it_is_shut_no_payment_is_begun(ground: Ground) -> None:
    payment = revoked(ground)
    invoice = ground.bill("50.00")
    for _ in range(gate.AFTER):
        ground.advance(payment)

    with pytest.raises(Unavailable, match="does not accept our key"):
        ground.pay((invoice, "50.00"))


@pytest.mark.failure("F29")
def test_when_the_key_is_good_again_all_goes_on(ground: Ground) -> None:
    payment = revoked(ground)
    for _ in range(gate.AFTER):
        ground.advance(payment)
    ground.world.client.delete(f"{ground.world.gateway.control_url}/faults")
    with writing():
        GatewayAccount.objects.update(shut_until=clock.now())

    payment = ground.advance(payment)

    assert payment.status == "succeeded"
    assert (account().refusals, account().shut_until) == (0, None)
    assert shut() == []


def test_each_further_refusal_makes_the_wait_longer(ground: Ground) -> None:
    payment = revoked(ground)
    waits = []
    for _ in range(gate.AFTER + 5):
        with writing():
            GatewayAccount.objects.update(shut_until=None)
        before = clock.now()
        ground.advance(payment)
        until = account().shut_until
        waits.append(round((until - before).total_seconds() / 60) if until else 0)

    assert waits == [0, 0, 1, 5, 15, 60, 60, 60]


def test_one_refusal_between_good_answers_shuts_nothing(ground: Ground) -> None:
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    for _ in range(gate.AFTER + 1):
        ground.world.gateway_fault(READ, "status", status=401)
        ground.advance(payment)
        ground.advance(payment)

    assert (account().refusals, shut()) == (0, [])


def test_new_settings_open_it_at_once(ground: Ground) -> None:
    payment = revoked(ground)
    for _ in range(gate.AFTER):
        ground.advance(payment)
    ground.world.client.delete(f"{ground.world.gateway.control_url}/faults")

    with writing():
        keep_gateway_account(
            kind="sandbox", name="Gateway", settings=_gateway_settings(ground.world)
        )

    assert ground.advance(payment).status == "succeeded"


def test_a_person_may_ask_it_though_it_is_shut(ground: Ground) -> None:
    payment = revoked(ground)
    for _ in range(gate.AFTER):
        ground.advance(payment)

    with pytest.raises(Unavailable):
        gateway_for(ground.gateway_account_id)
    assert gateway_for(ground.gateway_account_id, though_shut=True).check()


def test_a_key_that_is_wrong_is_said_to_be_wrong(ground: Ground) -> None:
    payment = revoked(ground)

    with pytest.raises(Misconfigured):
        gateway_for(ground.gateway_account_id).read_payment(str(attempt_of(payment).gateway_object))
