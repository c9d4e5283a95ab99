"""A checkout in few words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from quittance.core import clock
from quittance.core.money import Money
from quittance.identity.models import User
from quittance.payments.baskets import new_baskets, set_amounts, set_method
from quittance.payments.checkout import start_payment
from quittance.payments.confirm import order_of
from quittance.payments.contents import Contents, find_basket
from quittance.payments.models import Basket, FeeRule, Payment
from quittance.payments.orders import PaymentOrder
from quittance.payments.parts import Use
from quittance.receivables.models import Credit, Invoice
from quittance.receivables.pull import refresh_invoices
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened
from tests.ground import HARBORLINE, Ground
from tests.payments.people import may_pay_for


def new_basket(*, customer_account_id: UUID, user_id: UUID, invoice_ids: Sequence[UUID]) -> Basket:
    """A checkout of invoices of one account and one currency."""
    (basket,) = new_baskets(
        account_ids=[customer_account_id], user_id=user_id, invoice_ids=invoice_ids
    )
    return basket


def begin(ground: Ground, user: User, *invoices: Invoice) -> Basket:
    account_id = ground.account().pk
    return new_basket(
        customer_account_id=account_id, user_id=may_pay_for(user, account_id).pk,
        invoice_ids=[each.pk for each in invoices],
    )  # fmt: skip


def ready(ground: Ground, user: User, *invoices: Invoice) -> Basket:
    """A basket with its method chosen."""
    basket = begin(ground, user, *invoices)
    return set_method(basket.pk, "card", version=basket.version)


def contents(basket: Basket) -> Contents:
    with reading():
        return find_basket(basket.pk)


def order(basket: Basket, *, version: int = 0, seal: str | None = None) -> PaymentOrder:
    return order_of(
        basket.pk, user_id=basket.user_id, version=version or basket.version, seal=seal,
        return_url="https://x.example/{payment}", cancel_url="https://x.example/{payment}",
        locale="en",
    )  # fmt: skip


def pay(basket: Basket) -> Payment:
    return start_payment(order(basket), key=str(basket.pk))


def usd(minor: int, reason: str = "") -> tuple[Money, str]:
    return Money(minor, "USD"), reason


def credit_of(ground: Ground, amount: str = "40.00", *, customer: str = HARBORLINE) -> Credit:
    """A credit note that the clerk has posted, read into the mirror."""
    number = ground.world.clerk("credit-memo", customer=customer, amount=amount)["number"]
    with widened():
        account = ground.account(customer)
        refresh_invoices(ground.legal_entity_id, [], seconds=20, customer_erp_ids=[account.erp_id])
        with reading():
            return Credit.objects.get(number=number, customer_account=account)


def discounted(ground: Ground, amount: str = "1000.00", *, days_ago: int = 0) -> Invoice:
    """An invoice with 2 % off for ten days from its date."""
    day = clock.today("America/Los_Angeles") - timedelta(days=days_ago)
    made = ground.world.clerk(
        "invoice", customer=HARBORLINE, amount=amount, terms="2%10N30", date=day.isoformat()
    )
    with widened():
        return ground.read(made["id"])


def fee(ground: Ground, **facts: object) -> None:
    """A rule: 2.5 % on cards in dollars, unless told otherwise."""
    said = {
        "method": "card", "currency": "USD", "basis_points": 250,
        "valid_from": clock.today("America/Los_Angeles") - timedelta(days=1), **facts,
    }  # fmt: skip
    with widened(), writing():
        FeeRule.objects.create(**said)


def using(basket: Basket, *credits_: tuple[Credit, int]) -> Basket:
    """The same basket with these credits, at most so much of each."""
    wanted = {credit.pk: Money(minor, credit.currency) for credit, minor in credits_}
    return set_amounts(basket.pk, {}, version=basket.version, credits_=wanted)


def paying_with(order: PaymentOrder, *uses: tuple[Credit, int]) -> PaymentOrder:
    """The same order, its first line paid with these credits too."""
    first, *rest = order.lines
    used = tuple(Use(credit.pk, minor) for credit, minor in uses)
    return replace(order, lines=[replace(first, uses=used), *rest])
