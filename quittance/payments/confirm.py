"""The last step of a checkout: what the buyer saw must still be so, by the ERP's own word."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from quittance.connections.mapping import bank_takes
from quittance.core import clock
from quittance.core.errors import OutsideError, RuleBroken
from quittance.payments.baskets import BasketChanged, MethodMissing, way_of
from quittance.payments.contents import WITHOUT_MONEY, Contents, Item, find_basket, payment_of
from quittance.payments.guests import Guest
from quittance.payments.models import Basket, Payment
from quittance.payments.orders import (
    AmountNotOwed,
    InvoiceNotPayable,
    OrderLine,
    PaymentOrder,
    too_much,
)
from quittance.payments.parts import Use
from quittance.payments.payers import named
from quittance.payments.sealing import line_of
from quittance.receivables.hindrances import Hindrance, hindrance_of
from quittance.receivables.models import SyncCursor
from quittance.receivables.pull import refresh_invoices
from quittance.tenancy.models import Organization
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import widened

_ERP_SECONDS: Final = 5.0  # a buyer waits for this
_HINDERED: Final = {
    Hindrance.CURRENCY: noop(
        "Invoice %(number)s is in a currency in which the seller's books take no payment of yours."
        " Nothing was charged: ask the seller."
    ),
    Hindrance.DISPUTED: noop(
        "Invoice %(number)s is marked as disputed by the seller. Nothing was charged: ask the"
        " seller."
    ),
}


class AccountBlocked(RuleBroken):
    """The seller's books take no payment for this account. Nothing was charged: ask them."""


class TooOldToPay(RuleBroken):
    """The seller's books cannot be reached, and what we know of them is too old to pay by."""


class TotalChanged(RuleBroken):
    """A discount, a credit or a fee has changed. Nothing was charged. Confirm what is shown now."""


def order_of(
    basket_id: UUID,
    *,
    user_id: UUID | None,
    version: int,
    seal: str | None = None,
    return_url: str,
    cancel_url: str,
    locale: str,
) -> PaymentOrder:
    """Ask the ERP about the chosen invoices once more, and make the order that the buyer confirmed.

    ``seal`` is that of the page on which they did (``Contents.seal``): every figure must still be
    so. Raises ``AmountNotOwed``, ``InvoiceNotPayable`` or ``TotalChanged`` when the ERP, or a new
    day, says something else than the page showed; ``TooOldToPay``, ``AccountBlocked``,
    ``MethodMissing``, ``BasketGone``, ``BasketChanged``. A basket that is a payment already makes
    its order again, so that a second click finds the first.
    """
    with reading():
        contents = find_basket(basket_id)
        paid = payment_of(basket_id)
    if contents.basket.version != version:
        raise BasketChanged
    if paid is None:
        _freshen(contents.items)
        with reading():
            contents = find_basket(basket_id)
            paid = payment_of(basket_id)  # by the other click, meanwhile
        if contents.basket.version != version:
            raise BasketChanged
    gateway_account_id = paid.gateway_account_id if paid else _gateway(contents)
    if paid is None:
        _check(contents, seal, user_id, gateway_account_id)
    guest = None if user_id else _guest(contents.basket)
    return PaymentOrder(
        customer_account_id=contents.basket.customer_account_id,
        other_account_ids=_others(contents),
        gateway_account_id=gateway_account_id,
        user_id=user_id,  # who pays, which may be a colleague of who began
        guest=guest,
        origin=Payment.Origin.PAY_LINK if guest else Payment.Origin.CHECKOUT,
        currency=contents.basket.currency,
        method=paid.method if paid else contents.method,
        kept_method_id=contents.basket.kept_method_id if gateway_account_id else None,
        lines=_lines_again(paid) if paid else [line_of(item) for item in contents.items],
        fee_minor=paid.fee_minor if paid else contents.fee.minor,
        return_url=return_url,
        cancel_url=cancel_url,
        locale=locale,
    )


def _guest(basket: Basket) -> Guest | None:
    if basket.pay_link_id is None:
        return None
    return Guest(link_id=basket.pay_link_id, name=basket.payer_name, mail=basket.payer_mail)


def _gateway(contents: Contents) -> UUID | None:
    """Return the account that was chosen; a rule of today may offer it no more."""
    if not contents.basket.method and contents.method != WITHOUT_MONEY:
        raise MethodMissing
    if not contents.money.minor:
        return None
    basket = contents.basket
    return way_of(contents, basket.method, basket.gateway_account_id).gateway_account_id


def _others(contents: Contents) -> Collection[UUID]:
    return {item.account.pk for item in contents.items} - {contents.basket.customer_account_id}


def _lines_again(payment: Payment) -> Sequence[OrderLine]:
    with reading():
        uses: dict[UUID, list[Use]] = {}
        for use in payment.credit_uses.all():
            uses.setdefault(use.invoice_id, []).append(Use(use.credit_id, use.amount_minor))
        return [
            OrderLine(
                each.invoice_id, each.amount, each.reason, discount_minor=each.discount_minor,
                uses=uses.get(each.invoice_id, ()),
            )
            for each in payment.allocations.all()
        ]  # fmt: skip


def _check(
    contents: Contents, seal: str | None, user_id: UUID | None, gateway: UUID | None
) -> None:
    """Take no money that the ERP would refuse to book, and none that the page did not show."""
    _check_bookable(contents, gateway)
    for item in contents.items:
        if item.amount.minor > item.free.minor:
            error = AmountNotOwed(
                _what_changed(item), invoice=item.invoice.number, invoice_id=str(item.invoice.pk)
            )
            raise named(error, reader=user_id) if user_id else error  # a guest knows no names
    if seal is not None and seal != contents.seal:
        raise TotalChanged(
            _(
                "A discount, a credit or a fee has changed since the page was shown. You would pay"
                " %(total)s now. Nothing was charged. Confirm what is shown now."
            )
            % {"total": contents.total}
        )


def _check_bookable(contents: Contents, gateway: UUID | None) -> None:
    """What the ERP could not book is said before any money moves; also what it says only now.

    A bank account of the currency's own counts where this very payment will be booked on it.
    """
    currency = contents.basket.currency
    with widened(), reading():  # where payments are booked is nothing that buyers see
        banked = {
            entity: bank_takes(
                entity, gateway_account_id=gateway, method=contents.method, currency=currency
            )
            for entity in {item.invoice.legal_entity_id for item in contents.items}
        }
    for item in contents.items:
        found, account = item.invoice, item.account
        why = hindrance_of(
            said=found.hindrance, currency=found.currency, blocked=account.blocked,
            pays_only=account.pays_only, routed={currency} if banked[found.legal_entity_id] else (),
        )  # fmt: skip
        if why is Hindrance.BLOCKED:
            raise AccountBlocked
        if why is not None:
            raise InvoiceNotPayable(
                _(_HINDERED[why]) % {"number": found.number}, invoice=found.number
            )


def _what_changed(item: Item) -> str:
    if item.owed.in_flight_minor:
        return f"{too_much(item.owed, item.amount)} {_('Confirm the new amount.')}"
    return _(
        "Invoice %(number)s has changed: %(free)s of it can be paid now, not %(amount)s. Nothing"
        " was charged. Confirm the new amount."
    ) % {"number": item.invoice.number, "free": item.free, "amount": item.amount}


def _freshen(items: Sequence[Item]) -> None:
    """Ask the ERP, each legal entity's; where it does not answer, the limit on age decides."""
    by_entity: dict[UUID, list[str]] = {}
    for item in items:
        by_entity.setdefault(item.invoice.legal_entity_id, []).append(item.invoice.erp_id)
    with widened():  # to write into the mirror is no act of the buyer's own
        for legal_entity_id, erp_ids in by_entity.items():
            try:
                refresh_invoices(legal_entity_id, erp_ids, seconds=_ERP_SECONDS)
            except OutsideError as error:
                _check_age(legal_entity_id, error)


def _check_age(legal_entity_id: UUID, error: OutsideError) -> None:
    with widened() as scope, reading():
        age_allowed = Organization.objects.get(pk=scope.organization_id)
        synced = SyncCursor.objects.filter(
            legal_entity_id=legal_entity_id, stream=SyncCursor.Stream.INVOICES
        ).first()
    limit = clock.now() - timedelta(minutes=age_allowed.stale_after_minutes)
    if synced is None or synced.succeeded_at is None or synced.succeeded_at < limit:
        raise TooOldToPay(
            _(
                "The seller's books cannot be reached at the moment, and what we last read is too"
                " old to pay by. Nothing was charged. Your choice is kept: try again later."
            )
        ) from error
