"""Draws a year of invoices, payments, credit memos and drafts, and posts them day by day."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from random import Random

from sandbox.business_central import decimals, documents, ledger, moments, posting
from sandbox.business_central.database import Session
from sandbox.business_central.documents import Line, Order
from sandbox.business_central.ledger import Document
from sandbox.business_central.seed import company, trade
from sandbox.business_central.seed.lines import lines_for, shown_lines
from sandbox.business_central.seed.plan import Planned, plan
from sandbox.business_central.seed.words import ALPINE, HARBORLINE, LAST_NUMBER, SITES


@dataclass(slots=True)
class _Days:
    """What happens, by day (counted from today), in the order it was planned."""

    acts: dict[int, list[Callable[[], None]]] = field(default_factory=dict)

    def on(self, day: int, act: Callable[[], None]) -> None:
        self.acts.setdefault(day, []).append(act)


def make(session: Session, seed: int) -> None:
    """Make the whole demo company in one transaction."""
    random = Random(seed)  # noqa: S311 a demo, not a secret
    session.new_id = lambda: str(uuid.UUID(int=random.getrandbits(128), version=4))
    present = session.now
    session.now = _moment(session.today, -420, present, random)
    company.set_up(session)
    days = _Days()
    for planned in plan(random):
        _schedule(session, days, planned, random)
    _schedule_extras(session, days)
    for day in sorted(days.acts):
        for act in days.acts[day]:
            session.now = _moment(session.today, day, present, random)
            act()
    session.now = present
    session.insert("counter", {"name": "series:INV-", "value": LAST_NUMBER})
    session.insert("counter", {"name": "series:D-", "value": 10_025})
    session.insert("counter", {"name": "series:DC-", "value": 1_000})
    session.insert("counter", {"name": "series:SO-", "value": trade.LAST_ORDER})
    trade.add(session)
    session.insert("counter", {"name": "series:CM-", "value": 1192})
    session.new_id = lambda: str(uuid.uuid4())


def _moment(today: str, day: int, present: str, random: Random) -> str:
    """Some time of an office day, never later than the present."""
    midnight = datetime.combine(date.fromisoformat(today), datetime.min.time(), UTC)
    at = midnight + timedelta(days=day, seconds=random.randint(28_800, 64_800), milliseconds=137)
    return min(moments.stamp(at), present)


def _schedule(session: Session, days: _Days, planned: Planned, random: Random) -> None:
    order = _order(session, planned, random)
    days.on(planned.day, partial(_post, session, order))
    if planned.cancelled_by:
        days.on(planned.day + 3, partial(_cancel, session, planned))
    for day, part in planned.payments:
        amount = decimals.scaled(part) if part else 0
        days.on(day, partial(_pay, session, planned, day, amount))


def _post(session: Session, order: Order) -> None:
    documents.post_invoice(session, order)


def _order(session: Session, planned: Planned, random: Random) -> Order:
    customer = session.rows("SELECT * FROM customer WHERE number = ?", (planned.customer,))[0]
    site = SITES[planned.site] if planned.customer == HARBORLINE else ""
    return Order(
        customer=customer,
        number=planned.number,
        issued=moments.plus_days(session.today, planned.day),
        lines=_lines(session, planned, customer["currencyCode"], random),
        purchase_order=planned.purchase_order,
        order_number=planned.order_number,
        terms_code=planned.terms,
        ship_to=site,
    )


def _lines(session: Session, planned: Planned, currency: str, random: Random) -> list[Line]:
    if planned.number == "INV-204391":
        return shown_lines()
    row = session.row("SELECT rate FROM currency WHERE code = ?", (currency,))
    rate = Decimal(row[0]) if row is not None else Decimal(1)
    precision = ledger.precision(session, currency)
    total = decimals.scaled(planned.total)
    if rate != 1:
        total = decimals.rounded(int(total / rate), precision)
    return lines_for(random, total, precision=precision, rate=rate)


def _pay(session: Session, planned: Planned, day: int, amount: int) -> None:
    """Pay an invoice: 0 means what is owed that day, less the discount when it is in time."""
    entry = session.rows(
        "SELECT * FROM customer_ledger_entry WHERE documentNumber = ? AND documentType = 'Invoice'",
        (planned.number,),
    )[0]
    if not amount:
        in_time = _day(session, day) <= entry["discountDate"]
        amount = ledger.remaining(session, entry["entryNumber"])[0]
        amount -= entry["remainingDiscountPossible"] if in_time else 0
    _receive(session, day, planned.customer, amount, invoice=planned.number)


def _receive(session: Session, day: int, customer: str, amount: int, *, invoice: str) -> None:
    """The bank's statement brings a payment, in the customer's currency."""
    number = f"BANK-{session.take('series:BANK-'):06d}"
    currency = session.value("SELECT currencyCode FROM customer WHERE number = ?", (customer,))
    posting.receive(
        session,
        posting.Receipt(
            customer=customer,
            currency=currency,
            amount=amount,
            balancing_account=ledger.BANK,
            applies_to=invoice,
            document=Document(
                type="Payment",
                number=number,
                posting_date=_day(session, day),
                description=f"Payment {invoice}".strip(),
                external_number=f"ACH {number[-6:]}",
            ),
        ),
    )


def _cancel(session: Session, planned: Planned) -> None:
    invoice = session.rows("SELECT * FROM sales_invoice WHERE number = ?", (planned.number,))[0]
    documents.cancel_invoice(
        session,
        invoice,
        number=planned.cancelled_by,
        posting_date=moments.plus_days(session.today, planned.day + 3),
        status=planned.cancelled_as,
    )


_CREDITS = (
    (-19, HARBORLINE, "CM-1187", "312.60", "Returned goods, RMA-3381"),
    (-14, ALPINE, "CM-1190", "148.20", "Short shipment"),
    (-9, HARBORLINE, "CM-1192", "972.00", "Price correction"),
)
_DRAFTS = (
    (HARBORLINE, "D-10021", "Draft", "1875.40"),
    (HARBORLINE, "D-10022", "In_x0020_Review", "742.15"),
    (ALPINE, "D-10023", "Draft", "990.00"),
    ("C-10144", "D-10024", "Draft", "412.80"),
    ("C-10311", "D-10025", "Open", "2310.00"),  # released: looks payable, is not posted
)


def _schedule_extras(session: Session, days: _Days) -> None:
    """Open credit memos, money on account, and invoices that are not posted."""
    for day, customer, *credit in _CREDITS:
        days.on(day, partial(_credit, session, day, customer, *credit))
    days.on(-11, partial(_receive, session, -11, "C-10218", decimals.scaled("500"), invoice=""))
    for customer, *draft in _DRAFTS:
        days.on(-1, partial(_draft, session, customer, *draft))


def _day(session: Session, day: int) -> str:
    return moments.plus_days(session.today, day)


def _credit(session: Session, day: int, customer: str, *memo: str) -> None:
    number, amount, why = memo
    row = session.rows("SELECT * FROM customer WHERE number = ?", (customer,))[0]
    document = Document(
        type="Credit_x0020_Memo", number=number, posting_date=_day(session, day), description=why
    )
    lines = [documents.one_line(why, decimals.scaled(amount))]
    documents.post_credit_memo(
        session, documents.Credit(customer=row, document=document, lines=lines)
    )


def _draft(session: Session, customer: str, number: str, status: str, total: str) -> None:
    row = session.rows("SELECT * FROM customer WHERE number = ?", (customer,))[0]
    lines = lines_for(
        Random(number),  # noqa: S311 a demo, not a secret
        decimals.scaled(total),
        precision=ledger.precision(session, row["currencyCode"]),
        rate=Decimal(1),
    )
    order = Order(customer=row, number=number, issued=_day(session, -1), lines=lines)
    documents.write_draft(session, order, status=status)
