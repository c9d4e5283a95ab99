"""A bank that returned a debit pays it after all: the books, the team and the payer hear of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection

from quittance.gateways.base import Movement, MovementKind
from quittance.ledger.standing import gone_back_before
from quittance.notifications.words import write
from quittance.payments.models import Payment
from quittance.payments.outside import adopt_movements
from quittance.payments.presenting import debits_of, presentation
from quittance.tenancy.rows import reading
from tests.ground import Ground
from tests.payments.backwards import debited, money, reversals, shown, usd, with_payment
from tests.payments.returns import account_kept, debit, settled
from tests.payments.rows import attempt_of
from tests.payments.test_outside import books, postings
from tests.payments.test_returned_methods import mails

GIVEN_BACK = [("return", "succeeded", 10000), ("dispute_won", "succeeded", 10000)]


def returned(ground: Ground, payment: Payment, code: str = "R01") -> Movement:
    """Have the payer's bank return a debit; return the entry by which it pays it after all."""
    with_payment(ground, payment, "return", code=code)
    (taken,) = [each for each in books(ground, payment) if each.kind is MovementKind.RETURN]
    return replace(
        taken, kind=MovementKind.DISPUTE_WON, movement_id="given-back-1",
        subject=taken.movement_id, gross=-taken.gross, code="chargeback_cancelled",
    )  # fmt: skip


def is_waiting(payment: Payment) -> bool:
    """Whether a return of this payment is to be seen by the AR team."""
    with reading(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM invariant_s1_returned_debit WHERE payment_id = %s", [payment.pk]
        )
        return cursor.fetchone()[0] > 0


def gone_for_good() -> int:
    """How much is gone for good by what the ledger says: returned, refunded, lost."""
    with reading():
        return sum(map(abs, gone_back_before(None).values()))


def unrecorded(payment: Payment) -> int:
    """How many movements of money of a payment the ledger does not know."""
    with reading(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM invariant_l2_every_movement_is_recorded WHERE payment_id = %s",
            [payment.pk],
        )
        return int(cursor.fetchone()[0])


def take_over(payment: Payment, *movements: Movement) -> None:
    """Read these entries of the gateway's books."""
    adopt_movements(attempt_of(payment).pk, movements)


@pytest.mark.failure("F32")
def test_a_return_that_its_bank_takes_back_is_paid_again_in_every_book(ground: Ground) -> None:
    payment = debited(ground)
    before = money(ground)
    again = returned(ground, payment)
    ground.advance(payment)
    gone = money(ground)

    take_over(payment, again)

    assert shown(payment) == GIVEN_BACK
    assert gone == {"posted": -10000, "reversals": 10000}
    assert before == {"gateway": 10000, "posted": -10000}
    assert money(ground) == before, "what was owed again to the ERP is not any more"
    assert gone_for_good() == 0
    assert unrecorded(payment) == 0
    assert postings(payment) == [("reversal", 10000), ("reversal", 10000)]


def test_it_is_taken_over_once_and_in_any_order(ground: Ground) -> None:
    payment = debited(ground)
    again = returned(ground, payment)
    (taken,) = [each for each in books(ground, payment) if each.kind is MovementKind.RETURN]

    for _ in range(2):
        take_over(payment, again, taken)

    assert shown(payment) == GIVEN_BACK
    assert money(ground) == {"gateway": 10000, "posted": -10000}


def test_its_payer_is_told_once_that_nothing_is_owed(ground: Ground) -> None:
    payment = settled(ground, debit(ground, account_kept(ground)))
    again = returned(ground, payment)
    ground.advance(payment)

    for _ in range(2):
        take_over(payment, again)

    (mail,) = mails("paid_again")
    said = write(mail.kind, mail.facts)
    assert payment.number in said.subject
    assert "has paid it after all" in said.text
    assert "do not pay its invoices again" in said.text


def test_the_team_reads_it_at_the_return_which_asks_for_nothing_any_more(ground: Ground) -> None:
    payment = debited(ground)
    again = returned(ground, payment)
    ground.advance(payment)
    waited = is_waiting(payment)

    take_over(payment, again)

    assert (waited, is_waiting(payment)) == (True, False)
    assert "the bank gave 100.00 USD back: it is paid again" in reversals(payment)[0].problem


def test_a_debit_that_is_paid_after_all_is_not_presented_again(ground: Ground) -> None:
    method = account_kept(ground)
    payment = settled(ground, debit(ground, method))
    again = returned(ground, payment)
    ground.advance(payment)
    with reading():
        (allocation,) = payment.allocations.all()
        (before,) = debits_of(method, [allocation.invoice_id]).values()
        assert presentation(before, agreed_at=payment.created_at) is not None

    take_over(payment, again)

    with reading():
        (after,) = debits_of(method, [allocation.invoice_id]).values()
        assert presentation(after, agreed_at=payment.created_at) is None


def test_a_bank_that_returns_it_a_second_time_takes_it_again(ground: Ground) -> None:
    payment = debited(ground)
    again = returned(ground, payment)
    ground.advance(payment)
    take_over(payment, again)
    (taken,) = [each for each in books(ground, payment) if each.kind is MovementKind.RETURN]

    take_over(payment, replace(taken, movement_id="returned-2", gross=-usd(10000)))

    assert shown(payment) == [*GIVEN_BACK, ("return", "succeeded", 10000)]
    assert money(ground) == {"posted": -10000, "reversals": 10000}
    assert is_waiting(payment)
