"""A checkout in few words."""

from __future__ import annotations

from quittance.core.money import Money
from quittance.identity.models import User
from quittance.payments.baskets import new_basket, set_method
from quittance.payments.checkout import start_payment
from quittance.payments.confirm import order_of
from quittance.payments.contents import Contents, find_basket
from quittance.payments.models import Basket, Payment
from quittance.payments.orders import PaymentOrder
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import reading
from tests.ground import Ground


def begin(ground: Ground, user: User, *invoices: Invoice) -> Basket:
    return new_basket(
        customer_account_id=ground.account().pk, user_id=user.pk,
        invoice_ids=[each.pk for each in invoices],
    )  # fmt: skip


def ready(ground: Ground, user: User, *invoices: Invoice) -> Basket:
    """A basket with its method chosen."""
    basket = begin(ground, user, *invoices)
    return set_method(basket.pk, "card", version=basket.version)


def contents(basket: Basket) -> Contents:
    with reading():
        return find_basket(basket.pk)


def order(basket: Basket, *, version: int = 0) -> PaymentOrder:
    return order_of(
        basket.pk, user_id=basket.user_id, version=version or basket.version,
        return_url="https://x.example/{payment}", cancel_url="https://x.example/{payment}",
        locale="en",
    )  # fmt: skip


def pay(basket: Basket) -> Payment:
    return start_payment(order(basket), key=str(basket.pk))


def usd(minor: int, reason: str = "") -> tuple[Money, str]:
    return Money(minor, "USD"), reason
