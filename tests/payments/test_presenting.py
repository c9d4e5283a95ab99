"""A returned debit is taken again as often and as long as its scheme allows, and not once more."""

from __future__ import annotations

import datetime as dt
from datetime import UTC, date, datetime

import pytest

from quittance.core import clock
from quittance.gateways.charges import StartedBy
from quittance.payments.asked import charge_of
from quittance.payments.models import GatewayAttempt, Payment, Reversal
from quittance.payments.presenting import Debit, DebitNotAgain, presentation
from quittance.payments.return_codes import holidays_of, presenting_of, rule_of
from quittance.payments.return_windows import banking_days_after
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import reading, writing
from quittance.wallet.models import KeptMethod
from tests.ground import Ground
from tests.payments.returns import account_kept, debit, payments_for, returned, settled

SELLER = StartedBy.SELLER


def back(ground: Ground, method: KeptMethod, invoice: Invoice, code: str = "R01") -> Payment:
    """Debit for an invoice, settle, and have it returned; the ERP has it open again."""
    payment = settled(ground, debit(ground, method, invoice))
    returned(ground, payment, code)
    freed(invoice)
    return payment


def freed(invoice: Invoice) -> None:
    """Have the mirror show what the ERP does once its clerk has taken the payment back."""
    with writing():
        Invoice.objects.filter(pk=invoice.pk).update(
            open_minor=invoice.open_minor, erp_status=Invoice.ErpStatus.OPEN
        )


def description_of(payment: Payment) -> str:
    """What the gateway was told that it is for."""
    with reading():
        return charge_of(GatewayAttempt.objects.get(payment=payment)).description


def came_back_days_ago(days: int) -> None:
    """Have every return be so old."""
    with writing():
        Reversal.objects.update(succeeded_at=clock.now() - dt.timedelta(days=days))


@pytest.mark.failure("F34")
def test_a_debit_without_money_is_taken_twice_more_and_never_a_third_time(ground: Ground) -> None:
    method, invoice = account_kept(ground), ground.bill("100.00")
    for _ in range(3):
        back(ground, method, invoice)

    with pytest.raises(DebitNotAgain, match="as often, or as long, as the rules allow"):
        debit(ground, method, invoice)

    assert len(payments_for(invoice)) == 3
    assert debit(ground, method).status == "in_flight", "another invoice is another debit"


@pytest.mark.failure("F34")
def test_half_a_year_after_the_first_debit_it_is_not_taken_again(ground: Ground) -> None:
    method, invoice = account_kept(ground), ground.bill("100.00")
    payment = back(ground, method, invoice)
    long_ago = clock.now() - dt.timedelta(days=181)
    with writing():
        GatewayAttempt.objects.filter(payment=payment).update(word_at=long_ago)

    with pytest.raises(DebitNotAgain, match="as often, or as long"):
        debit(ground, method, invoice)


@pytest.mark.failure("F34")
def test_without_the_payer_it_is_taken_again_for_the_same_amount_only(ground: Ground) -> None:
    from quittance.gateways.base import Agreement

    method, invoice = account_kept(ground), ground.bill("100.00")
    with writing():
        KeptMethod.objects.filter(pk=method.pk).update(agreement=Agreement.UNSCHEDULED)
    back(ground, method, invoice)

    with pytest.raises(DebitNotAgain, match="same amount only"):
        debit(ground, method, invoice, amount="60.00", by=SELLER)
    with pytest.raises(DebitNotAgain, match="3 banking days after it came back"):
        debit(ground, method, invoice, by=SELLER)
    came_back_days_ago(days=8)  # however the weekends and holidays lie
    assert debit(ground, method, invoice, by=SELLER).status == "in_flight"


@pytest.mark.failure("F34")
def test_the_payer_himself_need_not_wait_and_the_entry_says_that_it_is_once_more(
    ground: Ground,
) -> None:
    method, invoice = account_kept(ground), ground.bill("100.00")
    first = back(ground, method, invoice)

    again = debit(ground, method, invoice)

    assert description_of(again) == f"RETRY PYMT Payment {again.number}"
    assert description_of(first) == f"Payment {first.number}"


@pytest.mark.failure("F34")
def test_a_debit_of_another_amount_is_not_called_the_same_once_more(ground: Ground) -> None:
    method, invoice = account_kept(ground), ground.bill("100.00")
    back(ground, method, invoice)

    other = debit(ground, method, invoice, amount="60.00")

    assert description_of(other) == f"Payment {other.number}"


def test_banking_days_leave_out_weekends_and_holidays() -> None:
    returned_on = date(2026, 11, 24)  # a Tuesday; Thursday is Thanksgiving
    how = presenting_of("USD", returned_on)

    assert how is not None
    days = holidays_of(how.of_scheme, returned_on)
    assert banking_days_after(returned_on, how.banking_days, days) == date(2026, 11, 30)
    assert presenting_of("EUR", returned_on) is None


@pytest.mark.failure("F34")
@pytest.mark.parametrize("code", ["R08", "R11", "R24"])
def test_what_was_stopped_or_not_as_agreed_needs_a_new_agreement_first(
    ground: Ground, code: str
) -> None:
    method, invoice = account_kept(ground), ground.bill("100.00")
    back(ground, method, invoice, code)

    with pytest.raises(DebitNotAgain, match=f"for invoice {invoice.number}"):
        debit(ground, method, invoice)
    if code != "R24":
        assert debit(ground, account_kept(ground), invoice).status == "in_flight"


def test_an_account_that_is_closed_is_not_debited_for_it_by_adding_it_anew(ground: Ground) -> None:
    method, invoice = account_kept(ground), ground.bill("100.00")
    back(ground, method, invoice, "R02")

    with pytest.raises(DebitNotAgain, match="another account or another way"):
        debit(ground, account_kept(ground), invoice)


def test_a_debit_that_was_paid_in_between_begins_anew() -> None:
    at = datetime(2026, 11, 2, 9, tzinfo=UTC)
    rule = rule_of("R01", at.date())
    came_back = Debit(at=at, amount_minor=100, back_at=at, rule=rule)
    paid = Debit(at=at, amount_minor=100, back_at=None, rule=None)

    assert presentation([came_back, came_back, paid], agreed_at=at) is None
    found = presentation([came_back, paid, came_back], agreed_at=at)
    assert found is not None
    assert found.left == 2
