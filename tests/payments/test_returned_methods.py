"""A bank's return ends or blocks what the payer keeps, once, in the step that writes it down."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial
from uuid import UUID

import pytest

from quittance.audit.models import StatusChange
from quittance.connections.open import gateway_for
from quittance.core.ids import new_id
from quittance.gateways.base import Holder, ReportsMovements
from quittance.gateways.saved import SavesMethods
from quittance.notifications.models import Message
from quittance.payments.checkout import start_payment
from quittance.payments.models import Payment
from quittance.payments.outside import adopt_movements
from quittance.tenancy.rows import reading
from quittance.wallet.advancing import advance_saving, refresh_method
from quittance.wallet.charging import MethodNotUsable, chargeable, usable_methods
from quittance.wallet.models import KeptMethod
from quittance.wallet.places import set_company_id
from quittance.wallet.saving import start_saving
from quittance.wallet.stopping import NoReason, NotBlocked, allow_again
from tests.ground import EVENTS, Ground
from tests.payments.backwards import reversals, with_payment
from tests.payments.kept import consent as asked
from tests.payments.kept import payer_of, record_of
from tests.payments.people import new_payer, new_user
from tests.payments.returns import (
    account_kept,
    again,
    consent,
    consent_of,
    debit,
    gone_back,
    payments_for,
    returned,
    settled,
)
from tests.payments.rows import attempt_of, make_older
from tests.payments.together import all_at_once
from tests.posting.dying import dies
from tests.wallet.wallets import DEBIT, Wallet

M = KeptMethod.Status
OTHER_ACCOUNT = "000555555559"


def mails(kind: str) -> list[Message]:
    with reading():
        return list(Message.objects.filter(kind=kind).order_by("created_at"))


def steps(subject_id: UUID, to: str) -> list[int]:
    """Where in the order of all changes something took this status."""
    with reading():
        rows = StatusChange.objects.filter(subject_id=subject_id, to_status=to)
        return list(rows.order_by("sequence").values_list("sequence", flat=True))


def adopt(ground: Ground, payment: Payment) -> int:
    """Read the gateway's books of one payment, as a message or the clock has it done."""
    gateway = gateway_for(ground.gateway_account_id)
    assert isinstance(gateway, ReportsMovements)
    attempt = attempt_of(payment)
    return adopt_movements(attempt.pk, gateway.movements_of(attempt.gateway_object or ""))


@pytest.mark.failure("F34")
@pytest.mark.parametrize("code", ["R02", "R03", "R04", "R05", "R07", "R10", "R20", "AC04", "MD01"])
def test_a_return_that_ends_the_method_ends_its_agreement_too(ground: Ground, code: str) -> None:
    method = account_kept(ground)

    reversal = gone_back(ground, method, code)

    now = again(method)
    assert (now.status, now.ended_reason, now.stop_code) == (M.ENDED, "returned", code)
    assert (now.stopped_by, now.stopped_at) == (reversal.pk, reversal.succeeded_at)
    record = consent_of(method)
    assert record.ended_at is not None
    assert record.ended_by == f"returned by the bank: {code}"
    assert record.keep_until is not None


@pytest.mark.failure("F34")
@pytest.mark.parametrize("code", ["R01", "R08", "R09", "R11", "R24", "R31", "AM04", "MD06"])
def test_a_return_that_says_nothing_of_the_account_leaves_it(ground: Ground, code: str) -> None:
    method = account_kept(ground)

    gone_back(ground, method, code)

    assert (again(method).status, again(method).stopped_at) == (M.ACTIVE, None)
    assert consent_of(method).ended_at is None


@pytest.mark.failure("F34")
@pytest.mark.parametrize("code", ["R16", "R17", "R99", "AC06"])
def test_what_a_person_must_look_at_is_blocked_and_its_agreement_stays(
    ground: Ground, code: str
) -> None:
    method = account_kept(ground)

    reversal = gone_back(ground, method, code)

    now = again(method)
    assert (now.status, now.stop_code, now.stopped_by) == (M.BLOCKED, code, reversal.pk)
    assert consent_of(method).ended_at is None
    with reading(), pytest.raises(MethodNotUsable, match="bank returned a payment"):
        chargeable(method.pk, currency="USD", user_id=method.saved_by_id)
    with reading():
        assert (
            usable_methods([method.customer_account_id], currency="USD", user_id=method.saved_by_id)
            == []
        )


@pytest.mark.failure("F34")
def test_a_company_that_authorized_nothing_is_debited_nowhere_until_it_agrees_anew(
    ground: Ground,
) -> None:
    method, second = account_kept(ground), account_kept(ground, OTHER_ACCOUNT)
    wallet = Wallet(ground, new_payer(ground.account(EVENTS).pk))
    card, waiting = wallet.save("card"), wallet.start("bank_debit")
    events = wallet.order("bank_debit", customer_account_id=ground.account(EVENTS).pk)
    stranger = start_saving(events, key=new_id())

    gone_back(ground, method, "R29")
    wallet.on_page(waiting, DEBIT)
    late = advance_saving(waiting.pk)

    assert [again(each).status for each in (method, second, card)] == [M.ENDED, M.ENDED, M.ACTIVE]
    assert again(second).ended_reason == "returned"
    assert consent_of(second).ended_by == "returned by the bank: R29"
    assert consent(waiting.consent_id).ended_at is not None
    assert wallet.kept(late.kept_method_id).status == M.ENDED  # type: ignore[arg-type]
    assert consent(stranger.consent_id).ended_at is None, "another customer's"
    assert account_kept(ground).status == M.ACTIVE, "a new agreement is a new one"


def test_the_same_account_kept_twice_is_stopped_twice(ground: Ground) -> None:
    first, second = account_kept(ground), account_kept(ground)
    other = account_kept(ground, OTHER_ACCOUNT)

    gone_back(ground, first, "R02")

    assert [again(each).status for each in (first, second, other)] == [
        M.ENDED, M.ENDED, M.ACTIVE,
    ]  # fmt: skip


@pytest.mark.failure("F34")
@pytest.mark.parametrize(
    ("number", "status"), [("000111111113", M.ENDED), ("000222222227", M.ACTIVE)]
)
def test_an_account_that_its_bank_says_is_closed_ends_also_when_no_money_came(
    ground: Ground, number: str, status: str
) -> None:
    method = account_kept(ground, number)
    payment = debit(ground, method)
    reason = "account_closed" if status == M.ENDED else "insufficient_funds"
    with_payment(ground, payment, "fail", code=reason)

    ground.advance(payment)

    assert (ground.again(payment).status, ground.again(payment).reason) == ("failed", reason)
    assert again(method).status == status
    assert (consent_of(method).ended_at is None) is (status == M.ACTIVE)


@pytest.mark.failure("F22", "F34")
def test_the_same_return_heard_again_and_by_many_stops_once(ground: Ground) -> None:
    method = account_kept(ground)
    payment = settled(ground, debit(ground, method))
    with_payment(ground, payment, "return", code="R02")

    got = all_at_once(*[partial(adopt, ground, payment)] * 4)
    ground.advance(payment)
    adopt(ground, payment)

    assert sorted(got) == [0, 0, 0, 1]  # type: ignore[type-var]
    assert len(mails("method_ended")) == 1
    assert again(method).stopped_by == reversals(payment)[0].pk


@pytest.mark.failure("F14", "F34")
def test_a_return_is_written_down_with_what_it_stops_or_not_at_all(ground: Ground) -> None:
    method = account_kept(ground)
    payment = settled(ground, debit(ground, method))
    with_payment(ground, payment, "return", code="R02")

    died = dies(lambda: adopt(ground, payment), at=1)
    was = (reversals(payment), again(method).status)
    adopt(ground, payment)

    assert died
    assert was == ([], M.ACTIVE)
    assert again(method).status == M.ENDED


@pytest.mark.failure("F34")
def test_nothing_is_charged_between_the_confirmation_and_a_return_of_the_same_account(
    ground: Ground,
) -> None:
    method = account_kept(ground)
    first, invoice = settled(ground, debit(ground, method)), ground.bill("100.00")
    dies(lambda: debit(ground, method, invoice), at=4)  # prepared; the word to take it comes next
    (second,) = payments_for(invoice)

    returned(ground, first, "R02")
    make_older(second, seconds=100)
    ground.advance(second)
    ground.advance(second)

    assert ground.again(second).status == "failed"
    assert ground.again(second).reason == "method_gone"
    assert ground.world.gateway_ledger(f"{second.pk}:1") == []


@pytest.mark.failure("F34")
@pytest.mark.parametrize("_round", range(3))
def test_a_charge_and_a_return_at_once_come_one_after_the_other(
    ground: Ground, _round: int
) -> None:
    method = account_kept(ground)
    first, invoice = settled(ground, debit(ground, method)), ground.bill("100.00")
    with_payment(ground, first, "return", code="R02")

    def confirm() -> None:
        with suppress(MethodNotUsable):
            debit(ground, method, invoice)

    all_at_once(confirm, partial(adopt, ground, first))

    (stopped,) = steps(method.pk, "ended")
    for payment in payments_for(invoice):
        make_older(payment, seconds=100)
        ground.advance(payment)
        words = steps(attempt_of(payment).pk, "sent")[1:]  # the first one asked for the object
        assert all(each < stopped for each in words), "no word to take it after the return"
        assert words or ground.again(payment).status == "failed"


def test_the_gateway_is_told_to_forget_what_a_bank_has_ended(ground: Ground) -> None:
    method = account_kept(ground)

    gone_back(ground, method, "R07")
    refresh_method(method.pk)

    gateway = gateway_for(ground.gateway_account_id)
    assert isinstance(gateway, SavesMethods)
    assert again(method).forgotten_at is not None
    assert not gateway.read_method(method.gateway_method).is_usable


def test_a_blocked_method_stays_so_whatever_the_gateway_says_and_ends_when_it_does(
    ground: Ground,
) -> None:
    method = account_kept(ground)
    gone_back(ground, method, "R16")

    refresh_method(method.pk)
    still = again(method).status
    Wallet(ground, new_user()).control(f"/saved_methods/{method.gateway_method}/close")
    refresh_method(method.pk)

    assert (still, again(method).status) == (M.BLOCKED, M.ENDED)


def test_a_person_who_looked_allows_a_blocked_method_again_and_says_why(ground: Ground) -> None:
    method = account_kept(ground)
    gone_back(ground, method, "R17")

    with pytest.raises(NoReason):
        allow_again(method.pk, "  ")
    allow_again(method.pk, "They called: it is their account.")
    with pytest.raises(NotBlocked):
        allow_again(method.pk, "again")

    assert (again(method).status, again(method).stopped_at) == (M.ACTIVE, None)
    assert debit(ground, method).status == "in_flight"


def test_what_a_bank_ended_cannot_be_allowed_again(ground: Ground) -> None:
    method = account_kept(ground)
    gone_back(ground, method, "R29")

    with pytest.raises(NotBlocked):
        allow_again(method.pk, "Please")


def test_a_card_whose_holder_did_not_pay_is_blocked_and_another_dispute_blocks_none(
    ground: Ground,
) -> None:
    wallet = Wallet(ground, new_user())
    stolen, kept = wallet.save("card", "4000000000000259"), wallet.save("card")

    for method, reason in ((stolen, "fraudulent"), (kept, "product_not_received")):
        payment = debit(ground, method)
        ground.advance(payment)
        with_payment(ground, payment, "dispute", reason=reason)
        ground.advance(payment)

    assert again(stolen).status == M.BLOCKED
    assert again(kept).status == M.ACTIVE


def test_the_payer_and_the_team_are_told_why_and_what_to_do(ground: Ground) -> None:
    set_company_id(ground.gateway_account_id, "1234567890")
    method = account_kept(ground)

    reversal = gone_back(ground, method, "R29")

    (mail,) = mails("method_ended")
    assert mail.facts["reason"] == "returned"
    assert "not agreed to" in mail.facts["why"]
    assert "must let pass is 1234567890" in mail.facts["why"]
    for part in ("R29", "did not authorize", method.label, "new agreement", "1234567890"):
        assert part in reversal.problem


def test_what_was_saved_with_the_payment_itself_ends_with_it(ground: Ground) -> None:
    said = asked(holder=Holder.BUSINESS)
    record = record_of(ground, said)
    order = replace(
        ground.order((ground.bill("100.00"), "100.00"), method="bank_debit"),
        save=said, payer=payer_of(ground), consent_id=record.pk,
    )  # fmt: skip
    payment = start_payment(order, key="save")
    with_payment(ground, payment, "pay", number=DEBIT)
    settled(ground, payment)
    ground.advance(payment)

    returned(ground, payment, "R02")

    with reading():
        method = KeptMethod.objects.get(consent=record)
    assert (method.status, method.stop_code) == (M.ENDED, "R02")
    assert consent(record.pk).ended_at is not None
