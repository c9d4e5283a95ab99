"""What a buyer is about to pay: kept at each step of the checkout, checked again at the last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import F

from quittance.connections.models import GatewayAccount
from quittance.connections.open import gateway_for
from quittance.core import clock
from quittance.core.errors import Misconfigured, OutsideError, RuleBroken
from quittance.core.money import CurrencyMismatch, Money, total
from quittance.payments.models import Basket, BasketItem, Payment
from quittance.payments.orders import (
    AmountNotOwed,
    EmptyOrder,
    InvoiceNotPayable,
    OrderLine,
    PaymentOrder,
    too_much,
)
from quittance.payments.owed import Owed, free_to_pay
from quittance.receivables.models import CustomerAccount, Invoice, SyncCursor
from quittance.receivables.pull import refresh_invoices
from quittance.tenancy.models import Organization
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened

GOOD_FOR: Final = timedelta(hours=24)
_ERP_SECONDS: Final = 5.0  # a buyer waits for this


class BasketGone(RuleBroken):
    """This checkout has expired. Nothing was charged. Choose the invoices again."""


class BasketChanged(RuleBroken):
    """The checkout was changed in another window. Nothing was charged. Confirm it again."""


class MethodMissing(RuleBroken):
    """Choose how to pay."""


class AccountBlocked(RuleBroken):
    """The seller's books take no payment for this account. Nothing was charged: ask them."""


class TooOldToPay(RuleBroken):
    """The seller's books cannot be reached, and what we know of them is too old to pay by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One invoice in a basket, with what may be paid of it now."""

    invoice: Invoice
    amount: Money
    reason: str
    owed: Owed

    @property
    def free(self) -> Money:
        """What may be paid of it now."""
        return self.owed.free


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """A basket as a page shows it."""

    basket: Basket
    items: Sequence[Item]

    @property
    def total(self) -> Money:
        """The sum of all amounts."""
        return total((item.amount for item in self.items), self.basket.currency)


def new_basket(*, customer_account_id: UUID, user_id: UUID, invoice_ids: Sequence[UUID]) -> Basket:
    """Begin a checkout of these invoices, each with all that is free to pay of it.

    Invoices that are not payable are left out. Raises ``InvoiceNotPayable`` when none is left, and
    ``RuleBroken`` for invoices in several currencies: one payment has one currency.
    """
    with writing():
        owed = [
            found
            for found in free_to_pay(invoice_ids).values()
            if found.free.minor > 0 and found.invoice.customer_account_id == customer_account_id
        ]
        if not owed:
            raise InvoiceNotPayable("None of the chosen invoices can be paid now.")
        currencies = sorted({found.invoice.currency for found in owed})
        if len(currencies) > 1:
            raise RuleBroken(
                f"The chosen invoices are in {' and '.join(currencies)}. One payment has one"
                " currency: pay them one currency after the other."
            )
        basket = Basket.objects.create(
            customer_account_id=customer_account_id, user_id=user_id, currency=currencies[0],
            expires_at=clock.now() + GOOD_FOR,
        )  # fmt: skip
        BasketItem.objects.bulk_create(
            BasketItem(
                basket=basket, customer_account_id=customer_account_id, invoice=found.invoice,
                amount_minor=found.free.minor,
            )
            for found in owed
        )  # fmt: skip
    return basket


def find_basket(basket_id: UUID) -> Contents:
    """Return a basket that is still good, in a transaction of the caller. Raises ``BasketGone``."""
    basket = Basket.objects.filter(pk=basket_id).first()
    if basket is None or basket.expires_at < clock.now():
        raise BasketGone
    items = list(basket.items.all())
    owed = free_to_pay([item.invoice_id for item in items])
    shown = [_item(item, owed[item.invoice_id], basket) for item in items]
    shown.sort(key=lambda item: (item.invoice.due_date, item.invoice.number))
    return Contents(basket=basket, items=shown)


def payment_of(basket_id: UUID) -> Payment | None:
    """Return the payment that this basket became, in a transaction of the caller."""
    return Payment.objects.filter(idempotency_key=str(basket_id)).first()


def set_amounts(
    basket_id: UUID, amounts: Mapping[UUID, tuple[Money, str]], *, version: int
) -> Basket:
    """Keep amount and reason for each invoice of the basket; an amount of zero leaves it out.

    Raises ``AmountNotOwed`` (naming the invoice), ``CurrencyMismatch``, ``EmptyOrder``,
    ``BasketGone``, ``BasketChanged``.
    """
    with writing():
        contents = _locked(basket_id, version)
        for item in contents.items:
            amount, reason = amounts.get(item.invoice.pk, (item.amount, item.reason))
            _set_amount(contents.basket, item, amount, reason)
        if not contents.basket.items.exists():
            raise EmptyOrder
        return _changed(contents.basket)


def set_method(basket_id: UUID, method: str, *, version: int) -> Basket:
    """Keep how to pay. Raises ``MethodMissing``, ``BasketGone``, ``BasketChanged``."""
    if method not in offered_methods():
        raise MethodMissing
    with writing():
        contents = _locked(basket_id, version)
        Basket.objects.filter(pk=basket_id).update(method=method)
        return _changed(contents.basket)


def offered_methods() -> Sequence[str]:
    """Return the methods that the organization's gateway takes, the cheapest first."""
    methods = gateway_for(_gateway_account_id()).capabilities.methods
    return sorted(methods, key=lambda method: method != "bank_debit")


def order_of(
    basket_id: UUID, *, user_id: UUID, version: int, return_url: str, cancel_url: str, locale: str
) -> PaymentOrder:
    """Ask the ERP about the chosen invoices once more, and make the order that the buyer confirmed.

    Raises ``AmountNotOwed`` or ``InvoiceNotPayable`` when the ERP says something else than the page
    showed, ``TooOldToPay``, ``MethodMissing``, ``BasketGone``, ``BasketChanged``. A basket that is
    a payment already makes its order again, so that a second click finds the first.
    """
    gateway_account_id = _gateway_account_id()
    with reading():
        contents = find_basket(basket_id)
        paid = payment_of(basket_id)
    if paid is None:
        _freshen(contents)
        with reading():
            contents = find_basket(basket_id)
            paid = payment_of(basket_id)  # by the other click, meanwhile
    basket = contents.basket
    if basket.version != version:
        raise BasketChanged
    if not basket.method:
        raise MethodMissing
    if paid is None:
        _check_not_blocked(basket)
    for item in contents.items if paid is None else ():
        if item.amount.minor > item.free.minor:
            raise AmountNotOwed(_what_changed(item), invoice=item.invoice.number)
    return PaymentOrder(
        customer_account_id=basket.customer_account_id,
        gateway_account_id=gateway_account_id,
        user_id=user_id,  # who pays, which may be a colleague of who began
        origin=Payment.Origin.CHECKOUT,
        currency=basket.currency,
        method=basket.method,
        lines=[OrderLine(item.invoice.pk, item.amount, item.reason) for item in contents.items],
        return_url=return_url,
        cancel_url=cancel_url,
        locale=locale,
    )


def _what_changed(item: Item) -> str:
    if item.owed.in_flight_minor:
        return f"{too_much(item.owed, item.amount)} Confirm the new amount."
    return (
        f"Invoice {item.invoice.number} has changed: {item.free} of it can be paid now, not"
        f" {item.amount}. Nothing was charged. Confirm the new amount."
    )


def _check_not_blocked(basket: Basket) -> None:
    """Take no money that the ERP would refuse to book."""
    with reading():
        blocked = CustomerAccount.objects.filter(pk=basket.customer_account_id, blocked=True)
        if blocked.exists():
            raise AccountBlocked


def _freshen(contents: Contents) -> None:
    """Ask the ERP; if it does not answer, the organization's limit on age decides."""
    legal_entity_id = contents.items[0].invoice.legal_entity_id
    erp_ids = [item.invoice.erp_id for item in contents.items]
    with widened() as scope:  # to write into the mirror is no act of the buyer's own
        try:
            refresh_invoices(legal_entity_id, erp_ids, seconds=_ERP_SECONDS)
        except OutsideError as error:
            with reading():
                age_allowed = Organization.objects.get(pk=scope.organization_id)
                synced = SyncCursor.objects.filter(
                    legal_entity_id=legal_entity_id, stream=SyncCursor.Stream.INVOICES
                ).first()
            limit = clock.now() - timedelta(minutes=age_allowed.stale_after_minutes)
            if synced is None or synced.succeeded_at is None or synced.succeeded_at < limit:
                raise TooOldToPay(
                    "The seller's books cannot be reached at the moment, and what we last read is"
                    " too old to pay by. Nothing was charged. Your choice is kept: try again later."
                ) from error


def _gateway_account_id() -> UUID:
    with widened(), reading():
        found = GatewayAccount.objects.filter(is_active=True).order_by("pk").first()
    if found is None:
        raise Misconfigured("The seller has no payment provider yet.")
    return found.pk


def _item(item: BasketItem, owed: Owed, basket: Basket) -> Item:
    return Item(
        invoice=owed.invoice, amount=Money(item.amount_minor, basket.currency),
        reason=item.reason, owed=owed,
    )  # fmt: skip


def _locked(basket_id: UUID, version: int) -> Contents:
    if Basket.objects.select_for_update().filter(pk=basket_id).first() is None:
        raise BasketGone
    contents = find_basket(basket_id)
    if contents.basket.version != version:
        raise BasketChanged
    if payment_of(basket_id):
        raise BasketGone("This checkout was paid already. Nothing was charged again.")
    return contents


def _set_amount(basket: Basket, item: Item, amount: Money, reason: str) -> None:
    row = BasketItem.objects.filter(basket=basket, invoice=item.invoice)
    if amount.currency != basket.currency:
        raise CurrencyMismatch(invoice=item.invoice.number, currency=amount.currency)
    if amount.minor == 0:
        row.delete()
        return
    if amount.minor < 0:
        raise AmountNotOwed("An amount must be above zero.", invoice=item.invoice.number)
    if amount.minor > item.free.minor:
        raise AmountNotOwed(
            f"{item.free} of invoice {item.invoice.number} can be paid now, not {amount}.",
            invoice=item.invoice.number,
        )
    full = amount.minor == item.free.minor
    row.update(amount_minor=amount.minor, reason="" if full else reason)


def _changed(basket: Basket) -> Basket:
    Basket.objects.filter(pk=basket.pk).update(version=F("version") + 1)
    basket.refresh_from_db()
    return basket
