"""What is in a basket: its invoices, its credits, and what all of it comes to for a way to pay."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import CharField, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Cast

from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.money import Money
from quittance.disputes.held import disputed_minor
from quittance.payments.credits import OpenCredit, credits_to_use
from quittance.payments.discounts import FASTEST, Discount, discount_of
from quittance.payments.fees import fee_minor, rules_of
from quittance.payments.models import Basket, FeeRule, Payment
from quittance.payments.owed import Owed, in_flight_of
from quittance.payments.parts import Part, Purse, Wish, split
from quittance.receivables.models import CustomerAccount, Invoice
from quittance.tenancy.scope import current_scope

WITHOUT_MONEY: Final = "credit"  # the method of a payment for which credits pay all
_SEAL: Final = 20  # characters


class BasketGone(RuleBroken):
    """This checkout has expired. Nothing was charged. Choose the invoices again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One invoice in a basket, what shall be settled of it, and how."""

    invoice: Invoice
    account: CustomerAccount
    amount: Money  # what shall be settled: money, credit and discount together
    reason: str
    owed: Owed
    disputed: Money  # of what is open; who pays that, too, is warned and not kept from it
    discount: Discount | None  # what the ERP takes off a payment in money that closes it
    part: Part

    @property
    def free(self) -> Money:
        """What may be settled of it now."""
        return self.owed.free

    @property
    def money(self) -> Money:
        """What is paid of it in money."""
        return Money(self.part.money_minor, self.amount.currency)

    @property
    def settles(self) -> Money:
        """What is settled of it in all."""
        return Money(self.part.settles_minor, self.amount.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A credit that may be used in a basket: at most ``chosen`` of it, and what then is used."""

    found: OpenCredit
    chosen: Money
    used: Money

    @property
    def free(self) -> Money:
        """What may be used of it now."""
        return self.found.free


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """A basket as a page shows it, for one way to pay."""

    basket: Basket
    account: CustomerAccount  # in whose name it was begun
    method: str
    items: Sequence[Item]
    offers: Sequence[Offer]
    rules: Sequence[FeeRule]
    at: datetime
    is_paid: bool  # it became a payment
    next_basket_id: UUID | None  # of another currency, that is paid after it

    @property
    def settled(self) -> Money:
        """How much less will be owed in all."""
        return self._sum(item.part.settles_minor for item in self.items)

    @property
    def discount(self) -> Money:
        """The early-payment discounts that are promised."""
        return self._sum(item.part.discount_minor for item in self.items)

    @property
    def credit(self) -> Money:
        """The credits that are used."""
        return self._sum(item.part.credit_minor for item in self.items)

    @property
    def money(self) -> Money:
        """What is paid for the invoices in money."""
        return self._sum(item.part.money_minor for item in self.items)

    @property
    def fee(self) -> Money:
        """What this way to pay costs."""
        minor = fee_minor(self.rules, self.method, self.money.minor)
        return Money(minor, self.basket.currency)

    @property
    def total(self) -> Money:
        """What the payer pays."""
        return self.money + self.fee

    @property
    def seal(self) -> str:
        """A short hash of every figure: what a page showed and what is so now must agree."""
        parts = [
            [str(part.invoice_id), part.money_minor, part.discount_minor,
             sorted([str(use.credit_id), use.minor] for use in part.uses)]
            for part in sorted((item.part for item in self.items), key=lambda part: part.invoice_id)
        ]  # fmt: skip
        content = json.dumps([parts, self.fee.minor, self.basket.currency])
        return hashlib.sha256(content.encode()).hexdigest()[:_SEAL]

    def paid_by(self, method: str) -> Contents:
        """Return the same basket for another way to pay."""
        return _worked_out(replace(self, method=method))

    def with_wishes(
        self, amounts: Mapping[UUID, Money], credits_: Mapping[UUID, Money]
    ) -> Contents:
        """Return the same basket with other amounts and credits; what is not named is left out."""
        items = [
            replace(item, amount=amounts[item.invoice.pk])
            for item in self.items
            if item.invoice.pk in amounts
        ]
        none = Money(0, self.basket.currency)
        offers = [
            replace(offer, chosen=credits_.get(offer.found.credit.pk, none))
            for offer in self.offers
        ]
        return _worked_out(replace(self, items=items, offers=offers))

    def _sum(self, minors: Iterable[int]) -> Money:
        return Money(sum(minors), self.basket.currency)


def find_basket(basket_id: UUID) -> Contents:
    """Return a basket that is still good, in a transaction of the caller. Raises ``BasketGone``.

    Also for who may not act for every account in it: they would see a part and pay that part.
    """
    following = Basket.objects.filter(follows=OuterRef("pk")).values("pk")[:1]
    basket = (
        Basket.objects.select_related("customer_account__legal_entity")
        .annotate(is_paid=Exists(payments_of("pk")), next_id=Subquery(following))
        .filter(pk=basket_id)
        .first()
    )
    if basket is None or basket.expires_at < clock.now() or not _may_pay(basket):
        raise BasketGone
    now, account = clock.now(), basket.customer_account
    rows = list(
        basket.items.select_related("invoice", "customer_account__legal_entity").annotate(
            in_flight=in_flight_of("invoice_id"), in_dispute=disputed_minor("invoice__")
        )
    )
    with_items = {row.customer_account_id for row in rows}
    credits_of = set() if basket.pay_link_id else with_items  # a guest neither sees nor uses any
    found = credits_to_use(credits_of, basket.currency, basket_id=basket.pk)
    day = clock.today(account.legal_entity.zone)
    return _worked_out(
        Contents(
            basket=basket, account=account, at=now,
            method=basket.method or FASTEST, rules=rules_of(basket.currency, day=day),
            items=[_raw(row) for row in rows],
            offers=[_offer(each) for each in found],
            is_paid=basket.is_paid, next_basket_id=basket.next_id,
        )
    )  # fmt: skip


def unpaid_basket(basket_id: UUID | None) -> Contents | None:
    """Return a basket, if there is one that is good and was not paid; as ``find_basket``."""
    if basket_id is None:
        return None
    try:
        found = find_basket(basket_id)
    except BasketGone:
        return None
    return None if found.is_paid else found


def payments_of(field: str) -> QuerySet[Payment]:
    """Return the payment that a basket became, for a query whose ``field`` is the basket's id."""
    return Payment.objects.filter(idempotency_key=Cast(OuterRef(field), CharField()))


def payment_of(basket_id: UUID) -> Payment | None:
    """Return the payment that this basket became, in a transaction of the caller."""
    return Payment.objects.filter(idempotency_key=str(basket_id)).first()


def _may_pay(basket: Basket) -> bool:
    own = current_scope().customer_accounts
    return own is None or set(map(UUID, basket.account_ids)) <= own


def _raw(row: Any) -> Item:
    """Return an item of a row of ``find_basket``, which carries two sums more than its model."""
    return Item(
        invoice=row.invoice,
        account=row.customer_account,
        amount=Money(row.amount_minor, row.invoice.currency),
        reason=row.reason,
        owed=Owed(row.invoice, row.in_flight),
        disputed=Money(row.in_dispute, row.invoice.currency),
        discount=None,
        part=Part(invoice_id=row.invoice_id, money_minor=row.amount_minor),
    )


def _offer(found: OpenCredit) -> Offer:
    currency = found.credit.currency
    return Offer(found=found, chosen=Money(found.chosen_minor, currency), used=Money(0, currency))


def _worked_out(raw: Contents) -> Contents:
    """Return the same basket with what each credit and discount comes to now."""
    found = [_with_discount(item, raw.method, raw.at) for item in raw.items]
    parts = split([_wish(item) for item in found], [_purse(offer) for offer in raw.offers])
    used: dict[UUID, int] = {}
    for part in parts:
        for use in part.uses:
            used[use.credit_id] = used.get(use.credit_id, 0) + use.minor
    ready = [replace(item, part=part) for item, part in zip(found, parts, strict=True)]
    ready.sort(key=lambda item: (item.account.number, item.invoice.due_date, item.invoice.number))
    money = sum(part.money_minor for part in parts)
    return replace(
        raw, items=ready, method=raw.method if money or not raw.items else WITHOUT_MONEY,
        offers=[
            replace(offer, used=Money(used.get(offer.found.credit.pk, 0), offer.chosen.currency))
            for offer in raw.offers
        ],
    )  # fmt: skip


def _with_discount(item: Item, method: str, at: datetime) -> Item:
    zone = item.account.legal_entity.zone
    return replace(item, discount=discount_of(item.owed, method=method, now=at, zone=zone))


def _wish(item: Item) -> Wish:
    return Wish(
        invoice_id=item.invoice.pk,
        account_id=item.account.pk,
        due=item.invoice.due_date,
        number=item.invoice.number,
        minor=item.amount.minor,
        free_minor=item.owed.free.minor,
        discount=item.discount,
    )


def _purse(offer: Offer) -> Purse:
    credit = offer.found.credit
    return Purse(
        credit_id=credit.pk,
        account_id=credit.customer_account_id,
        issued=credit.issued_date,
        number=credit.number,
        minor=min(offer.chosen.minor, offer.free.minor),
    )
