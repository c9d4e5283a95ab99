"""What the gateway's books say and we do not know: taken over once, in whatever order it comes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import partial

import pytest

from quittance.audit.models import AuditEvent
from quittance.connections.open import gateway_for
from quittance.core.money import Money
from quittance.gateways.base import Movement, ReportsMovements
from quittance.notifications.models import Message
from quittance.payments.checkout import start_payment
from quittance.payments.models import Dispute, Payment
from quittance.payments.outside import adopt_movements
from quittance.payments.refunds import refundable
from quittance.payments.reversals import lock, new_reversal
from quittance.posting.models import ErpPosting
from quittance.tenancy.rows import reading, writing
from tests.ground import Ground
from tests.payments.backwards import (
    BANK_ACCOUNT,
    REFUND,
    again,
    at_gateway,
    charged,
    debited,
    money,
    refund,
    refunds_at_gateway,
    reversals,
    shown,
    with_payment,
)
from tests.payments.people import new_user, with_user
from tests.payments.rows import attempt_of, make_older
from tests.payments.together import all_at_once


def books(ground: Ground, payment: Payment) -> Sequence[Movement]:
    """What the gateway's books say of one payment."""
    gateway = gateway_for(ground.gateway_account_id)
    assert isinstance(gateway, ReportsMovements)
    return gateway.movements_of(attempt_of(payment).gateway_object or "")


def adopt(ground: Ground, payment: Payment) -> int:
    return adopt_movements(attempt_of(payment).pk, books(ground, payment))


def disputes(payment: Payment) -> list[tuple[str, int]]:
    with reading():
        found = payment.disputes.order_by("created_at", "pk")
        return list(found.values_list("status", "amount_minor"))


def left(payment: Payment) -> int:
    with reading():
        return refundable(payment).minor


def postings(payment: Payment) -> list[tuple[str, int]]:
    """What the ERP is told of what went back."""
    with reading():
        ids = list(payment.reversals.values_list("pk", flat=True))
        return sorted(
            ErpPosting.objects.filter(source_id__in=ids)
            .exclude(status="replaced")
            .values_list("source_kind", "amount_minor")
        )


@pytest.mark.failure("F32")
def test_a_refund_made_in_the_gateways_pages_is_found_and_the_erp_told(ground: Ground) -> None:
    payment = charged(ground)
    with_payment(ground, payment, "refund", amount_minor=4000)

    ground.advance(payment)

    assert shown(payment) == [("refund", "succeeded", 4000)]
    assert reversals(payment)[0].origin == "outside"
    assert left(payment) == 6000
    assert postings(payment) == [("reversal", 4000)]
    assert money(ground) == {"gateway": 6000, "posted": -10000, "reversals": 4000}


@pytest.mark.failure("F32")
def test_what_was_taken_over_is_not_taken_over_again(ground: Ground) -> None:
    payment = charged(ground)
    with_payment(ground, payment, "refund", amount_minor=4000)
    with_payment(ground, payment, "refund", amount_minor=1000)

    first = adopt(ground, payment)
    second = adopt(ground, payment)
    ground.advance(payment)

    assert (first, second) == (2, 0)
    assert shown(payment) == [("refund", "succeeded", 4000), ("refund", "succeeded", 1000)]


@pytest.mark.failure("F32")
def test_many_readers_of_the_books_at_once_take_each_entry_over_once(ground: Ground) -> None:
    payment = charged(ground)
    with_payment(ground, payment, "refund", amount_minor=4000)
    read = books(ground, payment)

    got = all_at_once(*[partial(adopt_movements, attempt_of(payment).pk, read)] * 4)

    assert sorted(got) == [0, 0, 0, 1]  # type: ignore[type-var]
    assert shown(payment) == [("refund", "succeeded", 4000)]


@pytest.mark.failure("F31", "F32")
@pytest.mark.parametrize("fault", ["drop_after", "error_after"])
def test_a_refund_of_ours_whose_answer_was_lost_is_known_in_the_books(
    ground: Ground, fault: str
) -> None:
    payment = charged(ground)
    ground.world.gateway_fault(REFUND, fault)
    made = refund(payment, 4000)
    with_payment(ground, payment, "refund", amount_minor=1000)

    count = adopt(ground, payment)
    ground.advance(payment)

    assert count == 2
    assert again(made).status == "succeeded"
    assert sorted(shown(payment)) == [
        ("refund", "succeeded", 1000), ("refund", "succeeded", 4000),
    ]  # fmt: skip
    assert money(ground)["gateway"] == 5000


@pytest.mark.failure("F31", "F32")
def test_a_refund_of_ours_and_its_entry_in_the_books_at_once_count_once(ground: Ground) -> None:
    payment = charged(ground)
    ground.world.gateway_fault(REFUND, "drop_after")
    made = refund(payment, 4000)

    all_at_once(
        partial(adopt, ground, payment), partial(ground.advance, payment),
        partial(adopt, ground, payment), partial(ground.advance, payment),
    )  # fmt: skip

    assert again(made).status == "succeeded"
    assert shown(payment) == [("refund", "succeeded", 4000)]
    assert money(ground)["gateway"] == 6000


def test_a_refund_that_the_bank_sends_back_is_found_in_any_order(ground: Ground) -> None:
    payment = charged(ground)
    done = with_payment(ground, payment, "refund", amount_minor=4000)
    at_gateway(ground, f"refunds/{done['id']}/fail", code="account_closed")
    went, came = [each for each in books(ground, payment) if each.subject]
    attempt = attempt_of(payment)

    adopt_movements(attempt.pk, [came])
    adopt_movements(attempt.pk, [went])
    adopt_movements(attempt.pk, [came, went])

    assert shown(payment) == [("refund", "failed", 4000)]
    assert left(payment) == 10000
    assert money(ground) == {"gateway": 10000, "posted": -10000}


@pytest.mark.failure("F34")
def test_a_debit_that_the_bank_returns_is_written_down_with_its_code(ground: Ground) -> None:
    payment = debited(ground)
    with_payment(ground, payment, "return", code="R10")

    ground.advance(payment)

    (made,) = reversals(payment)
    assert (made.kind, made.status, made.amount_minor, made.code) == (
        "return", "succeeded", 10000, "R10",
    )  # fmt: skip
    assert made.reopens
    assert "must be stopped" in made.problem
    assert postings(payment) == [("reversal", 10000)]
    with reading():
        event = AuditEvent.objects.get(subject_id=made.pk)
    assert event.facts["method_must_stop"] is True


@pytest.mark.failure("F34")
def test_the_payer_of_a_returned_debit_is_told_why(ground: Ground) -> None:
    user = new_user()
    order = with_user(ground.order((ground.bill("100.00"), "100.00"), method="bank_debit"), user)
    payment = start_payment(order, key="k")
    with_payment(ground, payment, "pay", number=BANK_ACCOUNT)
    with_payment(ground, payment, "settle")
    ground.advance(payment)
    with_payment(ground, payment, "return", code="R01")

    ground.advance(payment)

    with reading():
        message = Message.objects.get(kind="returned")
    assert message.to == user.email
    assert message.facts["why"] == "there was not enough money in the account."


@pytest.mark.failure("F34", "F35")
def test_a_return_after_a_refund_is_the_truth_and_a_person_is_told(ground: Ground) -> None:
    payment = debited(ground)
    refund(payment, 4000, despite_return=True)
    with_payment(ground, payment, "return", code="R01")

    ground.advance(payment)

    assert shown(payment) == [("refund", "succeeded", 4000), ("return", "succeeded", 10000)]
    assert "40.00 USD more has gone back than came in" in reversals(payment)[1].problem
    assert left(payment) == 0
    assert money(ground)["gateway"] == -4000


@pytest.mark.failure("F33")
def test_a_dispute_takes_the_money_for_its_time_and_owes_nothing_again(ground: Ground) -> None:
    payment = charged(ground)
    with_payment(ground, payment, "dispute", reason="fraudulent")

    ground.advance(payment)

    assert disputes(payment) == [("open", 10000)]
    (made,) = reversals(payment)
    assert (made.kind, made.status, made.reopens) == ("dispute", "succeeded", False)
    assert postings(payment) == [("reversal", 10000)]
    assert money(ground) == {"disputed": 10000, "posted": -10000}


@pytest.mark.failure("F33")
def test_a_dispute_that_is_won_brings_the_money_back(ground: Ground) -> None:
    payment = charged(ground)
    dispute = with_payment(ground, payment, "dispute", amount_minor=4000)
    ground.advance(payment)
    at_gateway(ground, f"disputes/{dispute['id']}/win")

    ground.advance(payment)

    assert disputes(payment) == [("won", 4000)]
    assert shown(payment) == [("dispute", "succeeded", 4000), ("dispute_won", "succeeded", 4000)]
    assert postings(payment) == [("reversal", 4000), ("reversal", 4000)]
    assert money(ground) == {"gateway": 10000, "posted": -10000}
    assert left(payment) == 10000


@pytest.mark.failure("F33")
def test_a_dispute_that_is_lost_owes_the_invoices_again(ground: Ground) -> None:
    payment = charged(ground)
    dispute = with_payment(ground, payment, "dispute", amount_minor=4000)
    ground.advance(payment)
    at_gateway(ground, f"disputes/{dispute['id']}/lose")

    ground.advance(payment)
    ground.advance(payment)

    assert disputes(payment) == [("lost", 4000)]
    (made,) = reversals(payment)
    assert made.reopens
    assert "The dispute is lost" in made.problem
    assert money(ground) == {"gateway": 6000, "posted": -10000, "reversals": 4000}
    assert left(payment) == 6000


@pytest.mark.failure("F33", "F35")
def test_the_loss_of_a_dispute_over_refunded_money_still_says_that_it_went_back_twice(
    ground: Ground,
) -> None:
    payment = charged(ground)
    refund(payment, 10000)
    dispute = with_payment(ground, payment, "dispute", amount_minor=4000)
    ground.advance(payment)
    at_gateway(ground, f"disputes/{dispute['id']}/lose")

    ground.advance(payment)

    made = reversals(payment)[-1]
    assert "40.00 USD more has gone back than came in" in made.problem
    assert "The dispute is lost" in made.problem


@pytest.mark.failure("F21", "F33")
def test_the_loss_of_a_dispute_over_late_money_owes_no_invoice_again(ground: Ground) -> None:
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    make_older(payment, minutes=61)
    ground.advance(payment)
    with_payment(ground, payment, "late_success")
    ground.advance(payment)
    dispute = with_payment(ground, payment, "dispute", amount_minor=4000)
    ground.advance(payment)
    at_gateway(ground, f"disputes/{dispute['id']}/lose")

    ground.advance(payment)

    made = reversals(payment)[-1]
    assert (made.kind, made.reopens) == ("dispute", False)
    assert made.problem == "40.00 USD more has gone back than came in. Ask the payer for it."
    assert attempt_of(payment).problem == ""
    assert money(ground) == {"gateway": -4000, "surplus": 4000}


@pytest.mark.failure("F33")
def test_a_dispute_that_we_hear_of_when_it_is_over_ends_the_same_way(ground: Ground) -> None:
    payment = charged(ground)
    won = with_payment(ground, payment, "dispute", amount_minor=1000)
    at_gateway(ground, f"disputes/{won['id']}/win")
    lost = with_payment(ground, payment, "dispute", amount_minor=4000)
    at_gateway(ground, f"disputes/{lost['id']}/lose")

    ground.advance(payment)

    assert disputes(payment) == [("won", 1000), ("lost", 4000)]
    assert money(ground) == {"gateway": 6000, "posted": -10000, "reversals": 4000}


@pytest.mark.failure("F32", "F33", "F35")
@pytest.mark.parametrize("seed", range(4))
def test_the_books_in_any_order_and_in_any_pieces_end_the_same_way(
    ground: Ground, seed: int
) -> None:
    payment = charged(ground)
    won = with_payment(ground, payment, "dispute", amount_minor=1000)
    at_gateway(ground, f"disputes/{won['id']}/win")
    with_payment(ground, payment, "refund", amount_minor=2000)
    back = with_payment(ground, payment, "refund", amount_minor=500)
    at_gateway(ground, f"refunds/{back['id']}/fail", code="account_closed")
    with_payment(ground, payment, "dispute", amount_minor=300)
    read = list(books(ground, payment))
    random.Random(seed).shuffle(read)

    for each in read:
        adopt_movements(attempt_of(payment).pk, [each])
    ground.advance(payment)

    assert sorted(shown(payment)) == [
        ("dispute", "succeeded", 300), ("dispute", "succeeded", 1000),
        ("dispute_won", "succeeded", 1000), ("refund", "failed", 500),
        ("refund", "succeeded", 2000),
    ]  # fmt: skip
    assert money(ground) == {"gateway": 7700, "disputed": 300, "posted": -10000, "reversals": 2000}
    assert [each for each in postings(payment) if each[1] == 1000] == [("reversal", 1000)] * 2


@pytest.mark.failure("F24")
def test_books_that_are_ahead_of_us_first_bring_the_payment_itself(ground: Ground) -> None:
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    ground.on_page(payment)
    with_payment(ground, payment, "refund", amount_minor=4000)

    count = adopt(ground, payment)
    ground.advance(payment)

    assert count == 1
    assert ground.again(payment).status == "succeeded"
    assert shown(payment) == [("refund", "succeeded", 4000)]


def test_movements_of_another_payment_are_refused(ground: Ground) -> None:
    payment, other = charged(ground), charged(ground)
    with_payment(ground, other, "refund", amount_minor=4000)

    with pytest.raises(ValueError, match="are none of attempt"):
        adopt_movements(attempt_of(payment).pk, books(ground, other))


@pytest.mark.failure("F21", "F32")
def test_late_money_that_somebody_sent_back_at_the_gateway_goes_back_once(ground: Ground) -> None:
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    make_older(payment, minutes=61)
    ground.advance(payment)
    with_payment(ground, payment, "late_success")
    with_payment(ground, payment, "refund", amount_minor=10000)

    ground.advance(payment)
    ground.advance(payment)

    assert sorted(shown(payment)) == [("refund", "failed", 10000), ("refund", "succeeded", 10000)]
    assert refunds_at_gateway(ground, payment) == [10000]
    assert money(ground) == {}
    with reading():
        assert Dispute.objects.count() == 0


@pytest.mark.failure("F32")
def test_a_refund_not_sent_yet_ends_when_the_money_is_gone_another_way(ground: Ground) -> None:
    payment = charged(ground)
    attempt_id, facts = attempt_of(payment).pk, {"kind": "refund", "origin": "clerk"}
    with writing():  # a clerk's, whose process died before it was sent
        new_reversal(lock(attempt_id), Money(7000, "USD"), key="form", reopens=True, **facts)
    with_payment(ground, payment, "refund", amount_minor=4000)

    adopt(ground, payment)

    assert shown(payment) == [("refund", "failed", 7000), ("refund", "succeeded", 4000)]
