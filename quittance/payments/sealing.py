"""What an approver is shown of a basket, and the fingerprint that what is paid must have."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from quittance.approvals.requests import Sealed
from quittance.core.money import Money
from quittance.payments.contents import Contents, Item
from quittance.payments.orders import OrderLine, PaymentOrder


def line_of(item: Item) -> OrderLine:
    """Return what is done for one invoice of a basket."""
    return OrderLine(
        item.invoice.pk, item.money, item.reason, discount_minor=item.part.discount_minor,
        uses=item.part.uses,
    )  # fmt: skip


def fingerprint_of(
    lines: Iterable[OrderLine], *, fee_minor: int, currency: str, method: str
) -> str:
    """Return a hash of what is paid and how: invoices, amounts, credits, discount, fee, method.

    With which card or account of that kind is the payer's own matter.
    """
    parts = [
        [str(line.invoice_id), line.amount.minor, line.discount_minor,
         sorted([str(use.credit_id), use.minor] for use in line.uses)]
        for line in sorted(lines, key=lambda line: line.invoice_id)
    ]  # fmt: skip
    content = json.dumps([parts, fee_minor, currency, method])
    return hashlib.sha256(content.encode()).hexdigest()


def fingerprint_of_order(order: PaymentOrder) -> str:
    """Return the fingerprint of what a payer confirmed."""
    return fingerprint_of(
        order.lines, fee_minor=order.fee_minor, currency=order.currency, method=order.method
    )


def fingerprint_of_basket(contents: Contents) -> str:
    """Return the fingerprint of what a basket comes to, by its way to pay."""
    return fingerprint_of(
        [line_of(item) for item in contents.items], fee_minor=contents.fee.minor,
        currency=contents.basket.currency, method=contents.method,
    )  # fmt: skip


def seal(contents: Contents, *, without_credits: bool = False) -> Sealed:
    """Return a basket as it is to be approved; who decides acts for all whose it ever was."""
    basket = contents.basket
    accounts = {*accounts_in(contents), *map(UUID, basket.account_ids)}
    return Sealed(
        basket_id=basket.pk, account_id=basket.customer_account_id, account_ids=accounts,
        fingerprint=fingerprint_of_basket(contents), shown=_shown(contents),
        money=contents.total, credit_minor=contents.credit.minor, method=contents.method,
        without_credits=without_credits,
    )  # fmt: skip


def accounts_in(contents: Contents) -> list[UUID]:
    """Return all accounts of a basket; whose name it was begun in comes first."""
    own = contents.basket.customer_account_id
    return list(dict.fromkeys([own, *(item.account.pk for item in contents.items)]))


def as_plain(contents: Contents, method: str) -> Contents:
    """Return a basket without its credits, for another way to pay: as a transfer pays it."""
    amounts = {item.invoice.pk: item.amount for item in contents.items}
    return contents.with_wishes(amounts, {}).paid_by(method)


def disposed(money: Money, credit_minor: int) -> Money:
    """Return what a payment disposes of: the money, and the credits that it uses."""
    return money + Money(credit_minor, money.currency)


def _shown(contents: Contents) -> Mapping[str, Any]:
    groups = groupby(contents.items, key=lambda item: item.account)
    return {
        "groups": [
            {
                "name": account.name, "number": account.number,
                "lines": [_line(item) for item in items],
                "credits": _credits(contents, account.pk),
            }
            for account, items in groups
        ],
        "settled": contents.settled.minor, "discount": contents.discount.minor,
        "credit": contents.credit.minor, "fee": contents.fee.minor, "total": contents.total.minor,
        "count": len(contents.items),
    }  # fmt: skip


def _line(item: Item) -> Mapping[str, Any]:
    return {
        "number": item.invoice.number, "purchase_order": item.invoice.purchase_order,
        "due": item.invoice.due_date.isoformat(),
        "amount": item.part.money_minor + item.part.credit_minor,
        "left": (item.invoice.open_amount - item.settles).minor,
        "discount": item.part.discount_minor, "kept_back": item.part.kept_back_minor,
    }  # fmt: skip


def _credits(contents: Contents, account_id: UUID) -> Sequence[Mapping[str, Any]]:
    return [
        {
            "number": offer.found.credit.number, "used": offer.used.minor,
            "left": (offer.free - offer.used).minor,
        }
        for offer in contents.offers
        if offer.used.minor and offer.found.credit.customer_account_id == account_id
    ]  # fmt: skip
