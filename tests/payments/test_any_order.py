"""Whatever the gateway says, in whatever order: the books agree at every step."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quittance.core import clock
from quittance.core.ids import new_id
from quittance.gateways.base import PaymentState
from quittance.ledger.models import LedgerTransaction
from quittance.payments.capture import apply_answer, end_without_trace
from quittance.payments.models import Payment
from quittance.payments.orders import PaymentOrder
from quittance.payments.recording import record_order
from quittance.payments.transitions import move_attempt, move_payment
from quittance.posting.models import ErpPosting
from quittance.tenancy.rows import writing
from tests.ground import Ground
from tests.payments.rows import answer_for

S = PaymentState
ENDS = {S.FAILED, S.CANCELLED}
SILENCE = None  # the gateway has nothing, and its waiting time is over
WORDS = st.lists(st.sampled_from([*PaymentState, SILENCE]), max_size=8)


@pytest.fixture
def order(ground: Ground) -> PaymentOrder:
    """Parts of two invoices."""
    made = ground.order((ground.bill("100.00"), "60.00"), (ground.bill("50.00"), "1.00"))
    assert isinstance(made, PaymentOrder)
    return made


@pytest.mark.failure("F21", "F23")
@settings(
    deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(words=WORDS)
def test_any_order_of_answers_ends_in_books_that_agree(
    order: PaymentOrder, words: Sequence[PaymentState | None]
) -> None:
    with writing():
        payment = _asked(order)
        for count in range(1, len(words) + 1):
            _hear(payment, words[count - 1])
            _agree(payment, words[:count])
        transaction.set_rollback(True)


def _asked(order: PaymentOrder) -> Payment:
    payment, _ = record_order(order, key=str(new_id()))
    move_payment(payment, Payment.Status.IN_FLIGHT, cause="asked")
    move_attempt(payment.attempts.get(), "sent", cause="asked", sent_at=clock.now())
    return payment


def _hear(payment: Payment, word: PaymentState | None) -> None:
    attempt = payment.attempts.get()
    if word is None:
        end_without_trace(attempt.pk, cause="nothing there")
    else:
        apply_answer(attempt.pk, answer_for(attempt, word, gateway_object="pay_1"))


def _agree(payment: Payment, heard: Sequence[PaymentState | None]) -> None:
    payment.refresh_from_db()
    attempt = payment.attempts.get().status
    allocations = set(payment.allocations.values_list("status", flat=True))
    captured = LedgerTransaction.objects.filter(key=f"captured:{payment.pk}").count()
    surplus = LedgerTransaction.objects.filter(key__startswith="surplus:").count()
    postings = ErpPosting.objects.filter(source_id=payment.pk).count()

    money_came = S.SUCCEEDED in heard
    assert captured + surplus == money_came
    assert (payment.status == "succeeded") == (captured == 1) == (postings == 1)
    assert attempt == "surplus" if surplus else attempt != "surplus"
    expected = {
        "in_flight": ({"reserved"}, {"sent", "open", "processing"}),
        "succeeded": ({"consumed"}, {"succeeded"}),
        "failed": ({"released"}, {"failed", "surplus"}),
        "cancelled": ({"released"}, {"cancelled", "surplus"}),
    }[payment.status]
    assert allocations == expected[0]
    assert attempt in expected[1]
    assert payment.is_over == bool(money_came or ENDS & set(heard) or attempt == "failed")
