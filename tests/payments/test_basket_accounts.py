"""A basket over several customer accounts of one payer, and the wall that PostgreSQL keeps."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import DatabaseError, connection

from quittance.connections.keep import keep_erp_connection
from quittance.core.ids import new_id
from quittance.core.money import Money
from quittance.identity.models import User
from quittance.payments.baskets import MOST, TooMany, new_baskets, set_method, waiting_after
from quittance.payments.checkout import start_payment
from quittance.payments.contents import BasketGone, find_basket
from quittance.payments.models import Allocation, Basket, BasketItem, Payment, PaymentAccount
from quittance.payments.orders import InvoiceNotPayable, OrderLine
from quittance.receivables.models import Invoice
from quittance.receivables.pull import refresh_invoices
from quittance.tenancy.models import LegalEntity
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import narrowed_to, widened
from tests.ground import ALPINE, EVENTS, HARBORLINE, Ground, _erp_settings, _put_customers
from tests.payments.checkouts import contents, credit_of, order, pay, using
from tests.payments.people import new_payer
from tests.payments.rows import in_flight


@pytest.fixture
def payer(ground: Ground) -> Iterator[User]:
    """A person of Harborline who may act for its events company too, the scope entered."""
    ids = [ground.account().pk, ground.account(EVENTS).pk]
    user = new_payer(*ids)
    with narrowed_to(ids):
        yield user


def both(ground: Ground, user: User) -> tuple[Invoice, Invoice, Basket]:
    """An invoice of each account, and a basket of both with its method chosen."""
    with widened():
        first, second = ground.bill("100.00"), ground.bill("50.00", customer=EVENTS)
    (basket,) = new_baskets(
        account_ids=[first.customer_account_id, second.customer_account_id], user_id=user.pk,
        invoice_ids=[first.pk, second.pk],
    )  # fmt: skip
    return first, second, set_method(basket.pk, "card", version=basket.version)


def accounts_of(payment: Payment) -> set[uuid.UUID]:
    with reading():
        rows = PaymentAccount.objects.filter(payment=payment)
        return set(rows.values_list("customer_account_id", flat=True))


def test_one_payment_pays_invoices_of_two_accounts(ground: Ground, payer: User) -> None:
    first, second, basket = both(ground, payer)

    payment = pay(basket)

    assert payment.amount == Money(15_000, "USD")
    assert accounts_of(payment) == {first.customer_account_id, second.customer_account_id}
    assert (in_flight(first), in_flight(second)) == (10_000, 5_000)


def test_the_basket_stands_in_the_order_of_its_accounts(ground: Ground, payer: User) -> None:
    _first, _second, basket = both(ground, payer)

    assert [item.account.number for item in contents(basket).items] == [HARBORLINE, EVENTS]


def test_a_credit_of_one_account_pays_nothing_of_the_other(ground: Ground, payer: User) -> None:
    credit = credit_of(ground, "80.00", customer=EVENTS)
    _first, _second, basket = both(ground, payer)

    found = contents(using(basket, (credit, 8000)))

    by_account = {item.account.number: item.part.credit_minor for item in found.items}
    assert by_account == {HARBORLINE: 0, EVENTS: 5000}
    assert (found.credit.minor, found.total.minor) == (5000, 10_000)


def test_accounts_of_two_legal_entities_are_paid_together(ground: Ground) -> None:
    with writing():
        entity = LegalEntity.objects.create(name="Northwind West", zone="UTC", currency="USD")
        keep_erp_connection(
            legal_entity_id=entity.pk, kind="business_central", settings=_erp_settings(ground.world)
        )
    first = ground.bill("100.00")
    _put_customers(entity.pk, ground.world)
    made = ground.world.clerk("invoice", customer=EVENTS, amount="50.00")
    refresh_invoices(entity.pk, [made["id"]], seconds=20)
    with reading():
        second = Invoice.objects.get(legal_entity=entity)
    ids = [first.customer_account_id, second.customer_account_id]
    user = new_payer(*ids)
    with narrowed_to(ids):
        (basket,) = new_baskets(account_ids=ids, user_id=user.pk, invoice_ids=[first.pk, second.pk])
        payment = pay(set_method(basket.pk, "card", version=basket.version))

    assert payment.amount == Money(15_000, "USD")
    assert accounts_of(payment) == set(ids)


def test_who_may_act_for_one_account_only_does_not_get_the_basket(
    ground: Ground, payer: User
) -> None:
    first, second, basket = both(ground, payer)

    for account_id in (first.customer_account_id, second.customer_account_id):
        with narrowed_to([account_id]), reading(), pytest.raises(BasketGone):
            find_basket(basket.pk)


def test_invoices_of_others_are_left_out_of_a_basket(ground: Ground, payer: User) -> None:
    with widened():
        own, others = ground.bill("100.00"), ground.bill("50.00", customer=ALPINE)
    ids = [own.customer_account_id, others.customer_account_id]

    (basket,) = new_baskets(account_ids=ids, user_id=payer.pk, invoice_ids=[own.pk, others.pk])

    assert [item.invoice.pk for item in contents(basket).items] == [own.pk]


@pytest.mark.failure("F09")
def test_two_currencies_are_two_baskets_the_second_waits(ground: Ground, payer: User) -> None:
    with widened():
        dollars, euros = ground.bill("100.00"), ground.bill("50.00", customer=EVENTS)
        with writing():
            Invoice.objects.filter(pk=euros.pk).update(currency="EUR")
    ids = [dollars.customer_account_id, euros.customer_account_id]

    first, second = new_baskets(
        account_ids=ids, user_id=payer.pk, invoice_ids=[dollars.pk, euros.pk], first="EUR"
    )

    assert (first.currency, second.currency) == ("EUR", "USD")
    with reading():
        waiting = waiting_after(first.pk)
        assert waiting is not None
        assert waiting.total == Money(10_000, "USD")
        assert waiting_after(second.pk) is None


def test_a_basket_that_was_paid_waits_no_more(ground: Ground, payer: User) -> None:
    _first, _second, basket = both(ground, payer)
    with writing():
        Basket.objects.filter(pk=basket.pk).update(follows=(before := new_id()))
    pay(basket)

    with reading():
        assert waiting_after(before) is None


def test_one_payment_has_so_many_invoices_at_most(ground: Ground, payer: User) -> None:
    with widened():
        invoice = ground.bill("1.00")
    with widened(), writing():
        fields = [f for f in Invoice._meta.concrete_fields if f.attname not in {"id", "erp_id"}]
        same = {field.attname: getattr(invoice, field.attname) for field in fields}
        made = Invoice.objects.bulk_create(
            Invoice(**{**same, "erp_id": f"x{place}"}) for place in range(MOST + 1)
        )

    with pytest.raises(TooMany):
        new_baskets(
            account_ids=[invoice.customer_account_id], user_id=payer.pk,
            invoice_ids=[each.pk for each in made],
        )  # fmt: skip


def test_a_strangers_invoice_in_an_order_is_as_unknown_as_none(ground: Ground, payer: User) -> None:
    with widened():
        stranger = ground.bill("50.00", customer=ALPINE)
    _first, _second, basket = both(ground, payer)
    forged = order(basket)
    forged = replace(
        forged, lines=[*forged.lines, OrderLine(stranger.pk, Money(100, "USD"))],
        other_account_ids=[*forged.other_account_ids, stranger.customer_account_id],
    )  # fmt: skip

    with pytest.raises(InvoiceNotPayable):
        start_payment(forged, key="forged")

    with widened():
        assert in_flight(stranger) == 0


def _allocation(payment: Payment, account_id: uuid.UUID, invoice: Invoice) -> dict[str, Any]:
    return {
        "id": new_id(), "payment_id": payment.pk, "customer_account_id": account_id,
        "invoice_id": invoice.pk, "amount_minor": 1, "currency": "USD", "open_seen_minor": 100,
        "in_flight_seen_minor": 0, "version_seen": 1,
    }  # fmt: skip


@pytest.mark.parametrize("claim", ["the stranger's account", "an account of one's own"])
def test_postgresql_itself_refuses_to_pay_a_strangers_invoice(
    claim: str, ground: Ground, payer: User
) -> None:
    """Past all our code: whatever the row claims, no wall lets it in."""
    with widened():
        stranger = ground.bill("50.00", customer=ALPINE)
    first, _second, basket = both(ground, payer)
    payment = pay(basket)
    account_id = first.customer_account_id
    if claim == "the stranger's account":
        account_id = stranger.customer_account_id

    with pytest.raises(DatabaseError, match=r"row-level security|wall"), writing():
        Allocation.objects.create(**_allocation(payment, account_id, stranger))

    with widened():
        assert in_flight(stranger) == 0


def test_postgresql_lets_nobody_name_an_account_that_is_not_theirs(
    ground: Ground, payer: User
) -> None:
    with widened():
        stranger = ground.account(ALPINE)
    _first, _second, basket = both(ground, payer)
    payment = pay(basket)

    with pytest.raises(DatabaseError, match="row-level security"), writing():
        PaymentAccount.objects.create(payment=payment, customer_account_id=stranger.pk)


def test_postgresql_refuses_an_own_invoice_of_an_account_that_the_payment_does_not_name(
    ground: Ground, payer: User
) -> None:
    with widened():
        own, other = ground.bill("100.00"), ground.bill("50.00", customer=EVENTS)
    payment = ground.pay((own, "100.00"))

    with pytest.raises(DatabaseError, match="payments_allocation_payment_id_wall"), writing():
        Allocation.objects.create(**_allocation(payment, other.customer_account_id, other))


def test_postgresql_keeps_a_strangers_invoice_out_of_a_basket(ground: Ground, payer: User) -> None:
    with widened():
        stranger = ground.bill("50.00", customer=ALPINE)
    first, _second, basket = both(ground, payer)

    with pytest.raises(DatabaseError, match="wall"), writing():
        BasketItem.objects.create(
            basket=basket, customer_account_id=first.customer_account_id, invoice=stranger,
            amount_minor=1,
        )  # fmt: skip


def test_a_payments_accounts_cannot_be_changed_afterwards(ground: Ground, payer: User) -> None:
    first, _second, basket = both(ground, payer)
    payment = pay(basket)

    with pytest.raises(DatabaseError), writing(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE payments_paymentaccount SET customer_account_id = %s WHERE payment_id = %s",
            [first.customer_account_id, payment.pk],
        )
