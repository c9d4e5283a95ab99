"""Until when a bank may take a payment back: by whose account it is, by scheme, and as data."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from quittance.payments.models import Payment
from quittance.payments.refunds import ReturnMayCome, returnable_until
from quittance.payments.return_windows import Returnable, banking_days_after, window_of
from quittance.tenancy.rows import reading, writing
from quittance.wallet.models import KeptMethod
from tests.ground import Ground
from tests.payments.backwards import charged, debited, refund
from tests.payments.returns import account_kept, debit, settled

FRIDAY = datetime(2026, 12, 18, 15, tzinfo=UTC)


def came_at(payment: Payment, moment: datetime, **changes: object) -> Payment:
    """Let the money have come then."""
    with writing():
        Payment.objects.filter(pk=payment.pk).update(succeeded_at=moment, **changes)
    with reading():
        payment.refresh_from_db()
    return payment


def window(payment: Payment) -> Returnable:
    with reading():
        found = window_of(payment)
    assert found is not None
    return found


@pytest.mark.failure("F35")
def test_a_companys_bank_has_two_banking_days(ground: Ground) -> None:
    payment = settled(ground, debit(ground, account_kept(ground, holder="business")))

    found = window(came_at(payment, FRIDAY))

    assert found.until.date() == date(2026, 12, 22), "Monday and Tuesday"
    assert found.unauthorized_until == found.until


@pytest.mark.failure("F35")
def test_a_persons_bank_has_sixty_days(ground: Ground) -> None:
    payment = settled(ground, debit(ground, account_kept(ground, holder="personal")))

    assert window(came_at(payment, FRIDAY)).until == FRIDAY + timedelta(days=60)


def test_while_nobody_knows_whose_account_it_is_the_longest_counts(ground: Ground) -> None:
    payment = debited(ground)

    assert window(came_at(payment, FRIDAY)).until == FRIDAY + timedelta(days=60)


@pytest.mark.parametrize(
    ("scheme", "until", "unauthorized"),
    [
        ("sepa_core", date(2027, 2, 12), date(2028, 1, 18)),
        ("sepa_b2b", date(2026, 12, 23), date(2026, 12, 23)),
        ("", date(2027, 2, 12), date(2028, 1, 18)),
    ],
)
def test_sepa_core_has_eight_weeks_thirteen_months_unauthorized_and_b2b_three_banking_days(
    ground: Ground, scheme: str, until: date, unauthorized: date
) -> None:
    method = account_kept(ground)
    payment = settled(ground, debit(ground, method))
    with writing():
        KeptMethod.objects.filter(pk=method.pk).update(scheme=scheme)

    found = window(came_at(payment, FRIDAY, currency="EUR"))

    assert (found.until.date(), found.unauthorized_until.date()) == (until, unauthorized)


def test_another_currency_has_the_general_window(ground: Ground) -> None:
    payment = settled(ground, debit(ground, account_kept(ground)))

    assert window(came_at(payment, FRIDAY, currency="CHF")).until == FRIDAY + timedelta(days=60)


def test_the_guarantee_of_bacs_has_no_end_and_ten_years_stand_for_it(ground: Ground) -> None:
    payment = settled(ground, debit(ground, account_kept(ground)))

    assert window(came_at(payment, FRIDAY, currency="GBP")).until == FRIDAY + timedelta(days=3650)


def test_a_card_is_disputed_and_a_refund_in_time_avoids_it(ground: Ground) -> None:
    payment = charged(ground)

    assert window(payment).by_dispute
    with reading():
        assert returnable_until(payment) is None
    assert refund(payment, 4000).status == "succeeded"


def test_a_companys_debit_is_refunded_when_its_banks_two_days_are_over(ground: Ground) -> None:
    payment = settled(ground, debit(ground, account_kept(ground, holder="business")))
    with pytest.raises(ReturnMayCome):
        refund(payment, 4000)

    came_at(payment, datetime.now(UTC) - timedelta(days=10))

    assert refund(payment, 4000).status == "succeeded"


def test_banks_rest_on_weekends_and_holidays() -> None:
    christmas = [date(2026, 12, 25)]

    assert banking_days_after(date(2026, 12, 24), 1, christmas) == date(2026, 12, 28)
    assert banking_days_after(date(2026, 12, 18), 2, []) == date(2026, 12, 22)
