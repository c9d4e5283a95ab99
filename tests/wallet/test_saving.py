"""A method is saved: written down first, asked for once, and whatever happens ends by itself."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, connection

from quittance.core import clock
from quittance.core.errors import OutcomeUnknown, OutsideError
from quittance.gateways.base import Agreement
from quittance.gateways.saved import SavedMethod, SavingState
from quittance.tenancy.models import Organization
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import narrowed_to, widened
from quittance.wallet.advancing import advance_saving, stop_saving
from quittance.wallet.answers import apply_answer
from quittance.wallet.charging import MethodNotUsable, chargeable, usable_methods
from quittance.wallet.limits import LIMIT_HIT, TooManySavings
from quittance.wallet.models import ConsentRecord, KeptMethod, Saving
from quittance.wallet.saving import SavingSuspended, adopt_from_payment, keeper, start_saving
from quittance.wallet.verifying import (
    NothingToVerify,
    WrongProof,
    verify_with_amounts,
    verify_with_code,
)
from tests.ground import ALPINE, DECLINED
from tests.payments.people import new_user
from tests.payments.together import all_at_once
from tests.wallet.wallets import A_CODE, TWO_AMOUNTS, Wallet

M, S = KeptMethod.Status, Saving.Status


def count(model: type[Saving | KeptMethod | ConsentRecord]) -> int:
    """How many rows the buyer sees."""
    with reading():
        return model.objects.count()


def age(saving: Saving, **by: int) -> None:
    """Let a saving be older than it is, and due."""
    with widened(), writing():
        Saving.objects.filter(pk=saving.pk).update(
            created_at=clock.now() - timedelta(**by), sent_at=clock.now() - timedelta(**by),
            next_at=clock.now(), busy_until=None,
        )  # fmt: skip


def test_a_card_is_saved_with_its_consent_and_nobody_keeps_its_number(wallet: Wallet) -> None:
    kept = wallet.save()

    assert (kept.status, kept.brand, kept.last4) == (M.ACTIVE, "Visa", "4242")
    assert kept.expires_on is not None
    with reading():
        consent = ConsentRecord.objects.get()
        facts = chargeable(kept.pk, currency="EUR", user_id=kept.saved_by_id)
    assert consent.text.startswith("I agree that Northwind Traders")
    assert (consent.ip_address, consent.user_id) == ("192.0.2.7", wallet.user.pk)
    assert facts.gateway_method == kept.gateway_method
    assert (facts.label, facts.agreement) == ("Visa ••4242", Agreement.ON_CLICK)
    assert facts.gateway_method not in repr(facts)


def test_who_saved_a_method_gets_a_copy_of_what_he_agreed_to_once(wallet: Wallet) -> None:
    kept = wallet.save("bank_debit")
    with reading():
        saving = Saving.objects.get()
    advance_saving(saving.pk)

    (mail,) = wallet.mails("method_saved")
    assert mail.to == wallet.user.email
    assert "Nacha Operating Rules for CCD" in mail.facts["text"]
    assert (kept.scheme, kept.currency, kept.holder) == ("ach_ccd", "USD", "business")


def test_the_same_form_sent_twice_is_one_saving(wallet: Wallet) -> None:
    key, order = uuid.uuid4(), wallet.order()

    first, second = start_saving(order, key=key), start_saving(order, key=key)

    assert first.pk == second.pk
    assert first.redirect_url == second.redirect_url != ""
    assert (count(Saving), count(ConsentRecord)) == (1, 1)


@pytest.mark.parametrize("kind", ["drop_after", "drop_before"])
def test_a_lost_answer_is_asked_for_again_under_the_same_reference(
    wallet: Wallet, kind: str
) -> None:
    wallet.ground.world.gateway_fault("POST /v1/*", kind)
    saving = wallet.start()
    assert saving.status == S.SENT

    again = advance_saving(saving.pk)

    assert again.status == S.OPEN
    wallet.on_page(again)
    assert advance_saving(saving.pk).status == S.SAVED
    assert count(KeptMethod) == 1


def test_a_payer_who_went_away_ends_the_saving_and_one_who_came_back_has_it(
    wallet: Wallet,
) -> None:
    saving = wallet.start()
    age(saving, hours=2)
    assert advance_saving(saving.pk).status == S.CANCELLED

    wallet.on_page(saving)
    back = advance_saving(saving.pk)

    assert back.status == S.SAVED
    assert wallet.kept(back.kept_method_id or uuid.uuid4()).status == M.ACTIVE


def test_a_saving_that_was_never_asked_for_ends_without_the_gateway(wallet: Wallet) -> None:
    saving = wallet.start()
    with widened(), writing():
        made = Saving.objects.create(**{
            **{name: getattr(saving, name) for name in (
                "customer_account_id", "gateway_account_id", "consent_id", "user_id", "method",
                "currency", "return_url", "cancel_url", "payer_name", "payer_email",
            )},
            "form_key": uuid.uuid4(), "reference": str(uuid.uuid4()),
        })  # fmt: skip
    age(made, minutes=3)

    assert advance_saving(made.pk).status == S.CANCELLED


def test_a_declined_card_keeps_nothing(wallet: Wallet) -> None:
    saving = wallet.start()

    wallet.on_page(saving, DECLINED)

    assert advance_saving(saving.pk).status in {S.OPEN, S.FAILED}
    assert count(KeptMethod) == 0


def test_two_amounts_verify_an_account_and_a_wrong_try_says_how_many_are_left(
    wallet: Wallet,
) -> None:
    saving = wallet.start("bank_debit")
    wallet.on_page(saving, TWO_AMOUNTS)
    saving = advance_saving(saving.pk)
    assert (saving.status, saving.proof, count(KeptMethod)) == (S.VERIFYING, "amounts", 0)

    with pytest.raises(WrongProof) as wrong:
        verify_with_amounts(saving.pk, 11, 12)
    assert wrong.value.tries_left == (saving.tries_left or 0) - 1

    assert verify_with_amounts(saving.pk, 45, 32).status == S.SAVED
    with reading():
        assert KeptMethod.objects.get().status == M.ACTIVE
    with pytest.raises(NothingToVerify):
        verify_with_amounts(saving.pk, 45, 32)


def test_a_proof_whose_answer_was_lost_is_not_told_as_wrong(wallet: Wallet) -> None:
    saving = wallet.start("bank_debit")
    wallet.on_page(saving, TWO_AMOUNTS)
    saving = advance_saving(saving.pk)
    wallet.ground.world.gateway_fault("POST /v1/*", "drop_before")

    with pytest.raises(OutcomeUnknown):
        verify_with_amounts(saving.pk, 45, 32)

    assert verify_with_amounts(saving.pk, 45, 32).status == S.SAVED


def test_a_wrong_proof_whose_answer_was_lost_is_told_as_wrong_by_the_try_that_is_missing(
    wallet: Wallet,
) -> None:
    saving = wallet.start("bank_debit")
    wallet.on_page(saving, TWO_AMOUNTS)
    saving = advance_saving(saving.pk)
    wallet.ground.world.gateway_fault("POST /v1/*", "drop_after")

    with pytest.raises(WrongProof) as wrong:
        verify_with_amounts(saving.pk, 11, 12)

    assert wrong.value.tries_left == (saving.tries_left or 0) - 1


def test_too_many_wrong_codes_end_the_account(wallet: Wallet) -> None:
    saving = wallet.start("bank_debit")
    wallet.on_page(saving, A_CODE)
    assert advance_saving(saving.pk).proof == "code"

    for _ in range(20):
        try:
            saving = verify_with_code(saving.pk, "SM00ZZ")
            break
        except WrongProof:
            continue

    assert (saving.status, saving.reason) == (S.FAILED, "verification_failed")
    assert count(KeptMethod) == 0


@pytest.mark.parametrize("end", ["given up", "failed"])
def test_an_account_that_the_gateway_shows_before_its_proof_is_never_charged_without_it(
    wallet: Wallet, end: str
) -> None:
    saving = wallet.start("bank_debit")
    wallet.on_page(saving, TWO_AMOUNTS)
    told = keeper(saving.gateway_account_id).read_saving(saving.gateway_saving)
    early = SavedMethod(
        gateway_method=f"sm_{saving.pk}", gateway_payer="", method="bank_debit", is_usable=True,
        bank_name="Test bank", last4="6661",
    )  # fmt: skip
    with widened(), writing():
        apply_answer(saving.pk, replace(told, saved=early))
    with reading():
        kept = KeptMethod.objects.get()
        assert kept.status == M.VERIFYING
        with pytest.raises(MethodNotUsable, match="not verified"):
            chargeable(kept.pk, currency="USD", user_id=kept.saved_by_id)

    if end == "given up":
        stop_saving(saving.pk)
    else:
        with widened(), writing():
            apply_answer(saving.pk, replace(told, state=SavingState.FAILED, verification=None))

    assert wallet.kept(kept.pk).status == M.ENDED
    with reading():
        saving.refresh_from_db()
    assert saving.status == (S.CANCELLED if end == "given up" else S.FAILED)
    assert wallet.mails("method_ended") == []


def test_the_first_method_comes_first_by_itself(wallet: Wallet) -> None:
    first, second = wallet.save(), wallet.save("bank_debit")

    with reading():
        found = usable_methods([first.customer_account_id], currency="USD", user_id=wallet.user.pk)
    assert [each.pk for each in found] == [first.pk, second.pk]


def test_a_payment_that_saved_its_card_leaves_it_in_the_wallet_once(wallet: Wallet) -> None:
    from quittance.connections.open import gateway_for
    from quittance.core.money import Money
    from quittance.gateways.base import Payer, PaymentRequest
    from quittance.wallet.consents import as_gateway_consent, give_consent

    order = wallet.order()
    with writing():
        consent = give_consent(
            order.wording, order.witness, customer_account_id=order.customer_account_id
        )
    made = gateway_for(order.gateway_account_id).create_payment(PaymentRequest(
        reference=str(uuid.uuid4()), amount=Money(900, "USD"), method="card", description="x",
        return_url=order.return_url, cancel_url=order.cancel_url, locale="en",
        payer=Payer(reference=str(order.customer_account_id), name="H", email="h@example.test"),
        consent=as_gateway_consent(consent),
    ))  # fmt: skip
    wallet.control(f"/payments/{made.gateway_object}/pay", number="4242424242424242")

    first, second = (
        adopt_from_payment(
            gateway_account_id=order.gateway_account_id, gateway_object=made.gateway_object,
            consent_id=consent.pk, currency="USD",
        )
        for _ in range(2)
    )  # fmt: skip

    assert first is not None
    assert second is not None
    assert first.pk == second.pk
    assert (first.status, first.last4, count(KeptMethod)) == (M.ACTIVE, "4242", 1)


def test_after_some_failed_attempts_the_next_waits_and_the_ar_team_reads_of_it(
    wallet: Wallet,
) -> None:
    from quittance.audit.models import AuditEvent

    for _ in range(3):
        saving = colleague(wallet).start()
        age(saving, seconds=20)

    with pytest.raises(TooManySavings) as slow:
        wallet.start()
    assert 0 < slow.value.retry_after_seconds <= 60
    with pytest.raises(TooManySavings):
        wallet.start()
    with widened(), reading():
        assert AuditEvent.objects.filter(what=LIMIT_HIT).count() == 1
    with reading():
        tried = list(Saving.objects.all())
    for each in tried:
        age(each, hours=25)
    assert wallet.start().status == S.OPEN


def colleague(wallet: Wallet) -> Wallet:
    """Somebody else of the same customer."""
    return Wallet(wallet.ground, new_user())


def test_a_person_saves_three_times_a_day_and_those_that_were_saved_count_too(
    wallet: Wallet,
) -> None:
    for _ in range(3):
        wallet.save()

    with pytest.raises(TooManySavings) as slow:
        wallet.start()

    assert timedelta(hours=23) < timedelta(seconds=slow.value.retry_after_seconds)
    assert colleague(wallet).start().status == S.OPEN


def test_of_many_savings_at_once_no_more_begin_than_one_after_the_other(wallet: Wallet) -> None:
    order = wallet.order()

    made = all_at_once(*[partial(start_saving, order, key=uuid.uuid4()) for _ in range(8)])

    assert [type(each) for each in made].count(Saving) == 3
    assert {type(each) for each in made} == {Saving, TooManySavings}


def test_the_same_form_sent_by_many_at_once_is_one_saving(wallet: Wallet) -> None:
    order, key = wallet.order(), uuid.uuid4()

    all_at_once(*[partial(start_saving, order, key=key)] * 4)

    assert (count(Saving), count(ConsentRecord)) == (1, 1)


def test_what_the_gateway_did_not_make_is_no_attempt_of_a_person(wallet: Wallet) -> None:
    for _ in range(2):
        wallet.ground.world.gateway_fault("POST /v1/*", "status", status=429)
        with pytest.raises(OutsideError):
            wallet.start()

    assert [wallet.save().status for _ in range(3)] == [M.ACTIVE] * 3


def test_who_had_four_different_cards_kept_in_a_day_keeps_no_fifth(wallet: Wallet) -> None:
    card = wallet.save()
    with widened(), writing():
        for number in range(3):
            card.pk, card.gateway_method = uuid.uuid4(), f"sm_{number}"
            card.fingerprint, card.status = f"another-{number}", M.VERIFYING
            card.save(force_insert=True)

    with pytest.raises(TooManySavings, match="several cards") as slow:
        wallet.start()

    assert 0 < slow.value.retry_after_seconds <= 24 * 3600


def test_while_the_organization_is_suspended_nothing_new_is_saved(wallet: Wallet) -> None:
    with widened(), writing():
        Organization.objects.filter(pk=wallet.ground.organization_id).update(
            suspended_at=clock.now()
        )

    with pytest.raises(SavingSuspended):
        wallet.start()
    assert (count(Saving), count(ConsentRecord)) == (0, 0)


def test_nobody_else_sees_or_charges_a_method(wallet: Wallet) -> None:
    kept = wallet.save()
    with widened():
        other = wallet.ground.account(ALPINE).pk

    with narrowed_to([other]), reading():
        assert not KeptMethod.objects.exists()
        assert not ConsentRecord.objects.exists()
        assert not Saving.objects.exists()
        with pytest.raises(MethodNotUsable):
            chargeable(kept.pk, currency="USD", user_id=kept.saved_by_id)


def test_what_was_agreed_to_cannot_be_changed_or_deleted(wallet: Wallet) -> None:
    wallet.save()

    with pytest.raises(IntegrityError, match="was agreed to stays"), writing():
        ConsentRecord.objects.update(text="I agree to everything")
    with (
        pytest.raises(IntegrityError, match="still needed"),
        writing(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM wallet_consentrecord")
