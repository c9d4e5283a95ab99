"""Brings a sale or its credit into the books: the customer's entry, sales by account, tax."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from sandbox.business_central import decimals, ledger
from sandbox.business_central.database import Session
from sandbox.business_central.ledger import Document, Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """What is booked. ``nets`` has the amount without tax of each account; all scaled.

    ``sign`` is 1 for what the customer owes and -1 for what is given back.
    """

    customer: str
    currency: str
    nets: dict[str, int]
    tax: int
    sign: int = 1

    @property
    def net(self) -> int:
        """All of it without tax."""
        return sum(self.nets.values())


def nets_of(lines: Iterable[sqlite3.Row]) -> dict[str, int]:
    """The amounts of lines by account: an account's own lines on it, the rest on sales."""
    found: dict[str, int] = {}
    for line in lines:
        account = line["lineObjectNumber"] if line["lineType"] == "Account" else ledger.SALES
        found[account] = found.get(account, 0) + line["netAmount"]
    return found


def book(
    session: Session,
    document: Document,
    sale: Sale,
    *,
    due_date: str,
    discount_date: str = "0001-01-01",
    discount_percent: int = 0,
) -> int:
    """Write all entries of a posted document and return the customer's entry number."""
    total, day = sale.net + sale.tax, document.posting_date
    local_net = ledger.to_local(session, sale.net, sale.currency, day)
    local_total = ledger.to_local(session, total, sale.currency, day)
    entry = ledger.open_entry(
        session,
        document,
        customer=sale.customer,
        currency=sale.currency,
        amount=sale.sign * total,
        terms=Terms(
            due_date=due_date,
            discount_date=discount_date,
            discount_possible=_discount(session, sale, total, discount_percent),
            sales_lcy=sale.sign * local_net,
        ),
    )
    left = local_net
    for account, net in sale.nets.items():
        if account != ledger.SALES and net:
            local = ledger.to_local(session, net, sale.currency, day)
            ledger.book(session, document, account, -sale.sign * local)
            left -= local
    if left:
        ledger.book(session, document, ledger.SALES, -sale.sign * left)
    if sale.tax:
        ledger.book(session, document, ledger.SALES_TAX, sale.sign * (local_net - local_total))
    return entry


def _discount(session: Session, sale: Sale, total: int, percent: int) -> int:
    share = decimals.decimal(percent) / 100
    return decimals.times(total, share, ledger.precision(session, sale.currency))
