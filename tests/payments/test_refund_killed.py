"""A process may be killed at any moment while money goes back: it goes back once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from quittance.core import clock
from quittance.payments.cancel import cancel_payment
from quittance.payments.models import Payment, Reversal
from quittance.payments.settle import advance_payment
from quittance.posting.models import ErpPosting
from quittance.tenancy.rows import reading, writing
from tests.ground import Ground
from tests.payments.backwards import (
    charged,
    debited,
    money,
    refund,
    refunds_at_gateway,
    shown,
    with_payment,
)
from tests.posting.dying import dies

MOST_BOUNDARIES = 100


@pytest.mark.slow
@pytest.mark.failure("F13", "F14", "F31")
def test_a_click_on_refund_killed_at_any_boundary_sends_the_money_back_once(
    ground: Ground,
) -> None:
    payment = charged(ground, "300.00")

    def attempt(at: int) -> bool:
        before = len(shown(payment))
        died = dies(lambda: refund(payment, 100, key=f"form {at}"), at=at)
        _let_time_pass()
        ground.advance(payment)
        refund(payment, 100, key=f"form {at}")  # the clerk presses again
        ground.advance(payment)

        assert shown(payment)[before:] == [("refund", "succeeded", 100)], at
        assert refunds_at_gateway(ground, payment) == [100] * at, at
        return died

    _at_every_boundary(attempt, at_least=4)


@pytest.mark.slow
@pytest.mark.failure("F13", "F14", "F21")
def test_a_worker_killed_over_late_money_sends_it_back_once(ground: Ground) -> None:
    def attempt(at: int) -> bool:
        payment = ground.pay((ground.bill("100.00"), "100.00"))
        cancel_payment(payment.pk)
        with_payment(ground, payment, "late_success")

        died = dies(lambda: advance_payment(payment.pk), at=at)
        _let_time_pass()
        ground.advance(payment)
        ground.advance(payment)

        assert shown(payment) == [("refund", "succeeded", 10000)], at
        assert refunds_at_gateway(ground, payment) == [10000], at
        assert money(ground) == {}, at
        return died

    _at_every_boundary(attempt, at_least=7)


@pytest.mark.slow
@pytest.mark.failure("F34")
def test_a_worker_killed_over_a_return_writes_it_down_once(ground: Ground) -> None:
    def attempt(at: int) -> bool:
        payment = debited(ground)
        with_payment(ground, payment, "return", code="R01")

        died = dies(lambda: advance_payment(payment.pk), at=at)
        _let_time_pass()
        ground.advance(payment)

        assert shown(payment) == [("return", "succeeded", 10000)], at
        assert _told_of_returns(payment) == [10000], at
        return died

    _at_every_boundary(attempt, at_least=11)


def _told_of_returns(payment: Payment) -> list[int]:
    with reading():
        ids = list(payment.reversals.values_list("pk", flat=True))
        told = ErpPosting.objects.filter(source_id__in=ids).exclude(status="replaced")
        return list(told.values_list("amount_minor", flat=True))


def _at_every_boundary(attempt: Callable[[int], bool], *, at_least: int) -> None:
    at = 1
    while attempt(at):
        at += 1
        assert at < MOST_BOUNDARIES
    assert at > at_least, "the road has fewer boundaries than it should: is the watch in place?"


def _let_time_pass() -> None:
    """What the dead process had claimed is free again, and no call of it is under way any more."""
    with writing():
        ErpPosting.objects.update(lease_until=None)
        Reversal.objects.filter(sent_at__isnull=False).exclude(status="succeeded").update(
            sent_at=clock.now() - timedelta(seconds=11)
        )
