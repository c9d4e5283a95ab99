"""The ledger says where the money is: for each gateway, legal entity and currency, at any time."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quittance.core import clock
from quittance.core.ids import new_id
from quittance.gateways.base import PaymentState
from quittance.ledger import accounts
from quittance.ledger.models import LedgerEntry
from quittance.ledger.record import balances
from quittance.payments.capture import apply_answer
from quittance.payments.models import Payment, Reversal
from quittance.payments.orders import OrderLine, PaymentOrder
from quittance.payments.recording import record_order
from quittance.payments.reversals import fail, lock, new_reversal, succeed
from quittance.payments.transitions import move_attempt, move_payment
from quittance.receivables.models import CustomerAccount, Invoice
from quittance.tenancy.models import LegalEntity
from quittance.tenancy.rows import reading, writing
from tests.ground import Ground
from tests.payments.backwards import charged, money, refund, usd
from tests.payments.rows import answer_for, balance


@pytest.fixture
def second(ground: Ground) -> Invoice:
    """An invoice of 50.00 of the same customer in a second legal entity, which has no ERP."""
    account: CustomerAccount = ground.account()
    with writing():
        entity = LegalEntity.objects.create(name="Northwind West", zone="UTC", currency="USD")
        account.pk, account.legal_entity_id, account.erp_id = new_id(), entity.pk, "west"
        account._state.adding = True
        account.save()
    invoice = ground.bill("50.00")
    with writing():
        invoice = Invoice.objects.get(pk=invoice.pk)
        invoice.pk, invoice.legal_entity_id, invoice.erp_id = new_id(), entity.pk, "west-1"
        invoice.customer_account_id, invoice._state.adding = account.pk, True
        invoice.save()
    return invoice


def ordered(ground: Ground, *lines: tuple[Invoice, int], fee: int = 0) -> PaymentOrder:
    """What a payer confirms: these parts of these invoices, and a fee."""
    first = lines[0][0]
    return PaymentOrder(
        customer_account_id=first.customer_account_id,
        other_account_ids=[each.customer_account_id for each, _ in lines[1:]],
        gateway_account_id=ground.gateway_account_id, user_id=None,
        origin=Payment.Origin.CHECKOUT, currency="USD", method="card",
        lines=[OrderLine(invoice.pk, usd(minor)) for invoice, minor in lines], fee_minor=fee,
        return_url="", cancel_url="",
    )  # fmt: skip


def came(order: PaymentOrder) -> Payment:
    """A payment that the gateway says came, in a transaction of the caller; no ERP is asked."""
    payment, _ = record_order(order, key=str(new_id()))
    move_payment(payment, "in_flight", cause="asked")
    attempt = payment.attempts.get()
    move_attempt(attempt, "sent", cause="asked", sent_at=clock.now())
    return apply_answer(attempt.pk, answer_for(attempt, PaymentState.SUCCEEDED))


def paid(ground: Ground, *lines: tuple[Invoice, int], fee: int = 0) -> Payment:
    """The same, committed."""
    with writing():
        return came(ordered(ground, *lines, fee=fee))


def goes_back(payment: Payment, minor: int, **facts: Any) -> Reversal:
    """So much went back, and the gateway has said so, in a transaction of the caller."""
    attempt = lock(payment.attempts.get(status="succeeded").pk)
    facts = {"kind": "refund", "origin": "outside", "key": str(new_id()), **facts}
    reversal = new_reversal(attempt, usd(minor), **facts)
    succeed(reversal, cause="test")
    return reversal


def went_back(payment: Payment, minor: int, **facts: Any) -> Reversal:
    """The same, committed."""
    with writing():
        return goes_back(payment, minor, **facts)


def of_entity(entity: Any) -> dict[str, int]:
    """What a legal entity's accounts hold, without zeros."""
    names = {
        "receipts": accounts.unposted_receipts(entity),
        "reversals": accounts.unposted_reversals(entity),
        "fees": accounts.fees_charged(entity),
    }
    found = {name: balance(account).get("USD", usd(0)).minor for name, account in names.items()}
    return {name: minor for name, minor in found.items() if minor}


def test_each_legal_entity_gets_its_part_and_the_payers_own_the_fee(
    ground: Ground, second: Invoice
) -> None:
    paid(ground, (ground.bill("100.00"), 10000), (second, 5000), fee=450)

    assert balance(accounts.gateway_clearing(ground.gateway_account_id)) == {"USD": usd(15450)}
    assert of_entity(ground.legal_entity_id) == {"receipts": -10000, "fees": -450}
    assert of_entity(second.legal_entity_id) == {"receipts": -5000}


def test_all_that_goes_back_is_taken_from_where_it_came_to(ground: Ground, second: Invoice) -> None:
    payment = paid(ground, (ground.bill("100.00"), 10000), (second, 5000), fee=450)

    went_back(payment, 15450)

    assert balance(accounts.gateway_clearing(ground.gateway_account_id)) == {"USD": usd(0)}
    assert of_entity(ground.legal_entity_id) == {"receipts": -10000, "reversals": 10000}
    assert of_entity(second.legal_entity_id) == {"receipts": -5000, "reversals": 5000}


@pytest.fixture
def order_with_fee(ground: Ground) -> PaymentOrder:
    return ordered(ground, (ground.bill("100.00"), 3000), fee=77)


@pytest.mark.failure("F10")
@settings(
    deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(parts=st.lists(st.tuples(st.integers(1, 2000), st.booleans()), max_size=6))
def test_the_fee_goes_back_pro_rata_and_in_all_exactly(
    order_with_fee: PaymentOrder, parts: list[tuple[int, bool]]
) -> None:
    with writing():
        payment = came(order_with_fee)
        left = payment.amount_minor
        for part, fails in [*parts, (left, False)]:
            if left:
                made = goes_back(payment, min(part, left))
                assert 0 <= made.fee_minor <= made.amount_minor
                if fails:
                    fail(made, cause="the bank sent it back")
                else:
                    left -= made.amount_minor

        kept = payment.reversals.exclude(status="failed")
        assert sum(kept.values_list("fee_minor", flat=True)) == 77
        assert sum(kept.values_list("amount_minor", flat=True)) == 3077
        assert balances(accounts.fees_charged(_home(payment))) == {"USD": usd(0)}
        transaction.set_rollback(True)


def _home(payment: Payment) -> UUID:
    found: UUID = payment.customer_account.legal_entity_id
    return found


def test_a_disputes_fee_comes_back_when_it_is_won(ground: Ground) -> None:
    payment = paid(ground, (ground.bill("100.00"), 10000), fee=300)

    taken = went_back(payment, 5150, kind="dispute", gateway_object="dp_1", reopens=False)
    won = went_back(payment, 5150, kind="dispute_won", gateway_object="dp_1", reopens=False)
    rest = went_back(payment, 10300)

    assert (taken.fee_minor, won.fee_minor, rest.fee_minor) == (150, 150, 300)
    assert money(ground) == {"receipts": -10000, "reversals": 10000}


def test_more_than_came_in_is_owed_by_nobodys_fee(ground: Ground) -> None:
    payment = paid(ground, (ground.bill("100.00"), 10000), fee=300)
    went_back(payment, 5150)

    went_back(payment, 10300, kind="return", code="R01")

    assert money(ground) == {"gateway": -5150, "receipts": -10000, "reversals": 15150}


def test_every_movement_of_a_payment_sums_to_zero(ground: Ground) -> None:
    payment = charged(ground)
    refund(payment, 4000)
    went_back(payment, 1000, kind="dispute", gateway_object="dp_1", reopens=False)

    with reading():
        total = sum(LedgerEntry.objects.values_list("amount_minor", flat=True))
        entries = LedgerEntry.objects.count()
    assert (total, entries > 6) == (0, True)
