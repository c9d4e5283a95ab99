"""A saving that is over is left alone, and what was agreed to for nothing ends with it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from quittance.core import clock
from quittance.core.errors import OutsideError
from quittance.gateways.saved import SavingState
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened
from quittance.wallet.advancing import advance_saving, refresh_method, stop_saving
from quittance.wallet.answers import LAST_LOOK, apply_answer
from quittance.wallet.models import ConsentRecord, KeptMethod, Saving
from quittance.wallet.saving import adopt_from_payment, keeper
from tests.ground import CARD
from tests.wallet.test_methods import at_gateway
from tests.wallet.test_saving import age
from tests.wallet.wallets import Wallet

M, S = KeptMethod.Status, Saving.Status


def consent_ended(saving: Saving) -> bool:
    """Whether what was agreed to for a saving is over, so that its proof may go some day."""
    with reading():
        consent = ConsentRecord.objects.get(pk=saving.consent_id)
    return consent.ended_at is not None and consent.keep_until is not None


def told(saving: Saving, state: SavingState) -> Saving:
    """The gateway says what became of it."""
    word = keeper(saving.gateway_account_id).read_saving(saving.gateway_saving)
    with widened(), writing():
        return apply_answer(saving.pk, replace(word, state=state, redirect_url=""))


def left_for_good(saving: Saving) -> Saving:
    age(saving, hours=26)
    return advance_saving(saving.pk)


def given_up(saving: Saving) -> Saving:
    stop_saving(saving.pk)
    return advance_saving(saving.pk)


@pytest.mark.parametrize(
    "end",
    [
        left_for_good,
        given_up,
        lambda saving: told(saving, SavingState.FAILED),
        lambda saving: told(saving, SavingState.CANCELLED),
    ],
    ids=["left", "given up", "failed", "cancelled"],
)
def test_what_was_agreed_to_ends_with_a_saving_that_kept_nothing(
    wallet: Wallet, end: Callable[[Saving], Saving]
) -> None:
    saving = wallet.start()
    assert not consent_ended(saving)

    saving = end(saving)

    assert saving.status in {S.FAILED, S.CANCELLED}
    assert consent_ended(saving)


def test_what_was_agreed_to_ends_when_the_gateway_refuses_the_saving(wallet: Wallet) -> None:
    wallet.ground.world.gateway_fault("POST /v1/*", "status", status=429)

    with pytest.raises(OutsideError):
        wallet.start()

    with reading():
        saving = Saving.objects.get(status=S.FAILED)
    assert consent_ended(saving)


def test_what_was_agreed_to_stands_while_a_payer_who_went_away_may_come_back(
    wallet: Wallet,
) -> None:
    saving = wallet.start()
    age(saving, hours=2)

    saving = advance_saving(saving.pk)

    assert (saving.status, saving.next_at) == (S.CANCELLED, saving.created_at + LAST_LOOK)
    assert not consent_ended(saving)
    with widened(), writing():  # a message of the gateway wakes it in between
        Saving.objects.filter(pk=saving.pk).update(next_at=clock.now())
    assert advance_saving(saving.pk).next_at == saving.created_at + LAST_LOOK


def test_a_method_that_comes_after_its_agreement_is_over_is_forgotten_at_the_gateway(
    wallet: Wallet,
) -> None:
    saving = wallet.start()
    stop_saving(saving.pk)
    wallet.on_page(saving, CARD)

    saving = advance_saving(saving.pk)

    assert (saving.status, saving.next_at) == (S.CANCELLED, None)
    with reading():
        kept = KeptMethod.objects.get()
    assert kept.status == M.ENDED
    refresh_method(kept.pk)
    assert not at_gateway(kept)
    assert wallet.mails("method_saved") == []


@pytest.mark.parametrize("status", [S.FAILED, S.CANCELLED, S.SAVED])
def test_a_saving_that_is_over_is_not_asked_about_any_more_whatever_the_gateway_says(
    wallet: Wallet, status: str
) -> None:
    saving = wallet.start()
    if status == S.SAVED:
        wallet.on_page(saving)
        saving = advance_saving(saving.pk)
    elif status == S.FAILED:
        saving = told(saving, SavingState.FAILED)
    else:
        stop_saving(saving.pk)
    with widened(), writing():
        Saving.objects.filter(pk=saving.pk).update(next_at=clock.now())

    for state in (SavingState.FAILED, SavingState.OPEN):
        saving = told(saving, state)
        assert (saving.status, saving.next_at) == (status, None)
        with widened(), writing():
            Saving.objects.filter(pk=saving.pk).update(next_at=clock.now() + timedelta(days=1))


def test_a_payment_that_saved_nothing_ends_what_was_agreed_to(wallet: Wallet) -> None:
    from quittance.connections.open import gateway_for
    from quittance.core.money import Money
    from quittance.gateways.base import PaymentRequest
    from quittance.wallet.consents import give_consent

    order = wallet.order()
    with writing():
        consent = give_consent(
            order.wording, order.witness, customer_account_id=order.customer_account_id
        )
    made = gateway_for(order.gateway_account_id).create_payment(PaymentRequest(
        reference=str(uuid.uuid4()), amount=Money(900, "USD"), method="card", description="x",
        return_url=order.return_url, cancel_url=order.cancel_url, locale="en",
    ))  # fmt: skip
    wallet.control(f"/payments/{made.gateway_object}/pay", number=CARD)

    assert not adopt_from_payment(
        gateway_account_id=order.gateway_account_id, gateway_object=made.gateway_object,
        consent_id=consent.pk, currency="USD",
    )  # fmt: skip

    with reading():
        assert ConsentRecord.objects.get(pk=consent.pk).ended_at is not None
