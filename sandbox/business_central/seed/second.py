"""Fills the small second company: a few customers, some open and some paid invoices."""

from __future__ import annotations

import uuid
from decimal import Decimal
from random import Random

from sandbox.business_central import decimals, documents, ids, ledger, moments, posting
from sandbox.business_central.database import Session
from sandbox.business_central.documents import Order
from sandbox.business_central.ledger import Document
from sandbox.business_central.seed import company
from sandbox.business_central.seed.lines import lines_for
from sandbox.business_central.seed.profiles import SECOND

_FIRST = 900_001
# Customer (its place), days ago, total in its currency, whether it was paid.
_INVOICES = (
    (0, 61, "1840.20", True), (1, 55, "640.00", True), (0, 33, "2210.75", False),
    (2, 30, "980.40", True), (1, 21, "415.60", False), (0, 12, "3105.00", False),
    (2, 9, "1275.30", False), (1, 2, "288.90", False),
)  # fmt: skip


def make(session: Session) -> None:
    """Make the whole company; it is the same for every seed."""
    random = Random(SECOND.id)  # noqa: S311 a demo, not a secret
    session.new_id = lambda: str(uuid.UUID(int=random.getrandbits(128), version=4))
    with ids.of_company(SECOND.name):
        company.set_up(session, SECOND)
        for place, invoice in enumerate(_INVOICES):
            _invoice(session, random, f"INV-{_FIRST + place}", *invoice)
    session.insert("counter", {"name": "series:INV-", "value": _FIRST + len(_INVOICES) - 1})
    session.insert("counter", {"name": "series:CM-", "value": 7_000})
    session.insert("counter", {"name": "series:SO-", "value": 700_000})
    session.new_id = lambda: str(uuid.uuid4())


def _invoice(  # noqa: PLR0917 the columns of the table above
    session: Session, random: Random, number: str, place: int, days: int, total: str, paid: bool
) -> None:
    buyer = SECOND.buyers[place]
    customer = session.rows("SELECT * FROM customer WHERE number = ?", (buyer.number,))[0]
    issued = moments.plus_days(session.today, -days)
    amount = decimals.scaled(total)
    precision = ledger.precision(session, buyer.currency)
    rate = ledger.rate(session, buyer.currency, issued) if buyer.currency else Decimal(1)
    lines = lines_for(random, amount, precision=precision, rate=rate)
    order = Order(customer=customer, number=number, issued=issued, lines=lines)
    documents.post_invoice(session, order)
    if paid:
        _pay(session, number, customer["number"], buyer.currency, amount, issued)


def _pay(  # noqa: PLR0917 what a receipt has
    session: Session, number: str, customer: str, currency: str, amount: int, issued: str
) -> None:
    document = Document(
        type="Payment",
        number=number.replace("INV", "BANK"),
        posting_date=moments.plus_days(issued, 20),
        description=f"Payment {number}",
    )
    receipt = posting.Receipt(
        customer=customer,
        currency=currency,
        amount=amount,
        balancing_account=ledger.BANK,
        applies_to=number,
        document=document,
    )
    posting.receive(session, receipt)
