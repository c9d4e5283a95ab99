"""What a buyer is about to pay: begun, and changed at each step of the checkout."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from quittance.connections.offers import Offered, Offers, Sale, offers_for
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.ids import new_id
from quittance.core.money import CurrencyMismatch, Money
from quittance.disputes.held import Held, held_of
from quittance.gateways.charges import StartedBy
from quittance.identity.permissions import BuyerPermission
from quittance.payments.approval_requests import outdate_if_changed
from quittance.payments.contents import BasketGone, Contents, Item, find_basket, unpaid_basket
from quittance.payments.credits import CreditNotFree
from quittance.payments.guests import Guest
from quittance.payments.models import Basket, BasketCredit, BasketItem
from quittance.payments.orders import AmountNotOwed, EmptyOrder, InvoiceNotPayable
from quittance.payments.owed import Owed, free_to_pay
from quittance.payments.presenting import check_again
from quittance.receivables.people import check_may
from quittance.tenancy.rows import reading, writing
from quittance.wallet.charging import chargeable

R = BasketItem.Reason
GOOD_FOR: Final = timedelta(hours=24)
MOST: Final = 300  # invoices of one payment; each is a line in the ERP's journal
# Why less is paid, by the reason of a dispute (disputes/rules.py); any other is another reason.
_SHORT_FOR: Final = {
    "price": R.PRICE,
    "quantity": R.SHORT_SHIPMENT,
    "not_received": R.SHORT_SHIPMENT,
    "damaged": R.DAMAGED,
}


class BasketChanged(RuleBroken):
    """The checkout was changed in another window. Nothing was charged. Confirm it again."""


class MethodMissing(RuleBroken):
    """Choose how to pay."""


class TooMany(RuleBroken):
    """One payment pays 300 invoices at most. Choose fewer, and pay the others next."""


def new_baskets(
    *,
    account_ids: Sequence[UUID],
    user_id: UUID | None,
    invoice_ids: Sequence[UUID],
    first: str = "",
    guest: Guest | None = None,
) -> Sequence[Basket]:
    """Begin a checkout of these invoices for each of their currencies, one to follow the other.

    One payment has one currency; the currency ``first`` comes first. Every invoice stands with all
    that is free to pay of it, less what is disputed where the organization's rule leaves that out;
    who chose one that is left out as a whole finds all of it. What is not payable, or not of these
    accounts, is left out. Raises ``InvoiceNotPayable`` when nothing is left, ``TooMany``, and
    ``MayNot`` where the person may not pay for one of the accounts.
    """
    with writing():
        payable = _payable(account_ids, invoice_ids)
        if user_id is not None:
            concerned = {found.invoice.customer_account_id for found in payable}
            check_may(user_id, sorted(concerned), BuyerPermission.PAY)
        currencies = sorted({found.invoice.currency for found in payable})
        currencies.sort(key=lambda currency: currency != first)
        baskets: list[Basket] = []
        for currency in currencies:
            follows = baskets[-1].pk if baskets else None
            owed = [found for found in payable if found.invoice.currency == currency]
            baskets.append(_begin(owed, account_ids, user_id=user_id, guest=guest, follows=follows))
    return baskets


def waiting_after(basket_id: UUID) -> Contents | None:
    """Return the basket of another currency that comes next, in a transaction of the caller."""
    return unpaid_basket(
        Basket.objects.filter(follows=basket_id).values_list("pk", flat=True).first()
    )


def set_amounts(
    basket_id: UUID,
    amounts: Mapping[UUID, tuple[Money, str]],
    *,
    version: int,
    credits_: Mapping[UUID, Money] | None = None,
) -> Basket:
    """Keep amount and reason for each invoice of the basket; an amount of zero leaves it out.

    ``credits_``: how much of each credit may be used at most; ``None`` leaves them as they are.
    Raises ``AmountNotOwed`` (naming the invoice), ``CreditNotFree``, ``CurrencyMismatch``,
    ``EmptyOrder``, ``BasketGone``, ``BasketChanged``.
    """
    with writing():
        contents = _locked(basket_id, version)
        for item in contents.items:
            amount, reason = amounts.get(item.invoice.pk, (item.amount, item.reason))
            _set_amount(contents.basket, item, amount, reason)
        if not contents.basket.items.exists():
            raise EmptyOrder
        if credits_ is not None:
            _set_credits(contents, credits_)
        return _changed(contents.basket)


def set_method(
    basket_id: UUID, method: str, *, version: int, gateway_account_id: UUID | None = None
) -> Basket:
    """Keep how to pay, and through which account: ``None`` is the first that takes it.

    Raises ``MethodMissing``, ``BasketGone``, ``BasketChanged``, or the gateways' ``OutsideError``.
    """
    with reading():
        contents = find_basket(basket_id)
    way = way_of(contents, method, gateway_account_id)
    with writing():
        _locked(basket_id, version)
        Basket.objects.filter(pk=basket_id).update(
            method=method, gateway_account_id=way.gateway_account_id, kept_method_id=None
        )
        return _changed(contents.basket)


def set_kept_method(
    basket_id: UUID, kept_method_id: UUID, *, version: int, user_id: UUID | None
) -> Basket:
    """Keep which kept method this person pays with. Rules for its method count for it too.

    Raises ``MethodMissing``, ``MethodNotUsable`` (also for a returned debit that may not be taken
    again), ``BasketGone``, ``BasketChanged``, or the gateways' ``OutsideError``.
    """
    if user_id is None:
        raise MethodMissing  # a guest has none that is kept
    with reading():
        contents = find_basket(basket_id)
        found = chargeable(kept_method_id, currency=contents.basket.currency, user_id=user_id)
        shares = {item.invoice.pk: item.money.minor for item in contents.items}
        check_again(kept_method_id, shares, started_by=StartedBy.PAYER)
    if found.customer_account_id not in {item.account.pk for item in contents.items}:
        raise MethodMissing
    way_of(contents, found.method, found.gateway_account_id)
    with writing():
        _locked(basket_id, version)
        Basket.objects.filter(pk=basket_id).update(
            method=found.method, gateway_account_id=found.gateway_account_id,
            kept_method_id=kept_method_id,
        )  # fmt: skip
        return _changed(contents.basket)


def ways_to_pay(contents: Contents) -> Offers:
    """Return how a basket may be paid: see ``connections.offers``."""
    payers = {(item.account.legal_entity_id, item.account.pk) for item in contents.items}
    zones = {item.account.legal_entity.zone for item in contents.items} or {"UTC"}
    sale = Sale(payers=payers, amount=contents.money, day=clock.today(min(zones)))
    return offers_for(sale)


def way_of(contents: Contents, method: str, gateway_account_id: UUID | None) -> Offered:
    """Return the way that was chosen, if it is offered still.

    Raises ``MethodMissing``, or the gateways' ``OutsideError`` when there is none because of it.
    """
    offers = ways_to_pay(contents)
    for way in offers.ways:
        if way.method == method and gateway_account_id in {None, way.gateway_account_id}:
            return way
    raise offers.trouble or MethodMissing


def _payable(account_ids: Collection[UUID], invoice_ids: Sequence[UUID]) -> Sequence[Owed]:
    owed = [
        found
        for found in free_to_pay(invoice_ids).values()
        if found.free.minor > 0 and found.invoice.customer_account_id in account_ids
    ]
    if not owed:
        raise InvoiceNotPayable(_("None of the chosen invoices can be paid now."))
    return owed


def _begin(
    owed: Sequence[Owed],
    account_ids: Sequence[UUID],
    *,
    user_id: UUID | None,
    follows: UUID | None,
    guest: Guest | None = None,
) -> Basket:
    """Make a basket of one currency; its own account is the first of ``account_ids`` in it."""
    if len(owed) > MOST:
        raise TooMany
    there = {found.invoice.customer_account_id for found in owed}
    accounts = [account_id for account_id in account_ids if account_id in there]
    basket = Basket.objects.create(
        id=new_id(), customer_account_id=accounts[0], user_id=user_id, follows=follows,
        account_ids=[str(each) for each in accounts], currency=owed[0].invoice.currency,
        pay_link_id=guest.link_id if guest else None, payer_name=guest.name if guest else "",
        payer_mail=guest.mail if guest else "",
        expires_at=clock.now() + GOOD_FOR,
    )  # fmt: skip
    # A guest is told of no dispute, and is asked for what the link says.
    held = {} if guest else held_of([found.invoice.pk for found in owed])
    BasketItem.objects.bulk_create(
        _suggested(basket, found, held.get(found.invoice.pk)) for found in owed
    )
    return basket


def _suggested(basket: Basket, found: Owed, held: Held | None) -> BasketItem:
    free = found.free.minor
    minor = (held.suggested_minor(free) or free) if held else free
    why = _SHORT_FOR.get(held.reason, R.OTHER) if held and minor < free else R.NONE
    return BasketItem(
        basket=basket, customer_account_id=found.invoice.customer_account_id,
        invoice=found.invoice, amount_minor=minor, reason=why,
    )  # fmt: skip


def _locked(basket_id: UUID, version: int) -> Contents:
    if Basket.objects.select_for_update().filter(pk=basket_id).first() is None:
        raise BasketGone
    contents = find_basket(basket_id)
    if contents.basket.version != version:
        raise BasketChanged
    if contents.is_paid:
        raise BasketGone(_("This checkout was paid already. Nothing was charged again."))
    return contents


def _set_amount(basket: Basket, item: Item, amount: Money, reason: str) -> None:
    row = BasketItem.objects.filter(basket=basket, invoice=item.invoice)
    if amount.currency != basket.currency:
        raise CurrencyMismatch(invoice=item.invoice.number, currency=amount.currency)
    if amount.minor == 0:
        row.delete()
        return
    if amount.minor < 0:
        raise AmountNotOwed(_("An amount must be above zero."), invoice=item.invoice.number)
    if amount.minor > item.free.minor:
        raise AmountNotOwed(
            _("%(free)s of invoice %(number)s can be paid now, not %(amount)s.")
            % {"free": item.free, "number": item.invoice.number, "amount": amount},
            invoice=item.invoice.number,
        )
    # Who pays what closes the invoice, the discount taken off, pays it in full.
    off = item.discount.minor if item.discount else 0
    full = amount.minor >= item.free.minor - off
    row.update(
        amount_minor=item.free.minor if full else amount.minor, reason="" if full else reason
    )


def _set_credits(contents: Contents, wanted: Mapping[UUID, Money]) -> None:
    basket = contents.basket
    BasketCredit.objects.filter(basket=basket).delete()
    for offer in contents.offers:
        credit = offer.found.credit
        amount = wanted.get(credit.pk, Money(0, basket.currency))
        if amount.currency != basket.currency:
            raise CurrencyMismatch(credit=credit.number, currency=amount.currency)
        if not 0 <= amount.minor <= offer.free.minor:
            raise CreditNotFree(
                _("%(free)s of credit %(number)s can be used now, not %(amount)s.")
                % {"free": offer.free, "number": credit.number, "amount": amount},
                credit=credit.number,
            )
        if amount.minor:
            BasketCredit.objects.create(
                basket=basket, customer_account_id=credit.customer_account_id, credit=credit,
                amount_minor=amount.minor,
            )  # fmt: skip


def _changed(basket: Basket) -> Basket:
    Basket.objects.filter(pk=basket.pk).update(version=F("version") + 1)
    basket.refresh_from_db()
    outdate_if_changed(basket.pk)
    return basket
