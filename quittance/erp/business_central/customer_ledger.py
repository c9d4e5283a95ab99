"""Reads the customer ledger: open credit, and what may still be taken off an invoice until when.

API v2.0 does not show customer ledger entries. An administrator can publish the page Customer
Ledger Entries as a web service; where that is done this room reads it (business-central.md, 1.1).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Final, TypeVar
from urllib.parse import quote
from uuid import UUID

import msgspec

from quittance.core.clock import now
from quittance.core.errors import Misconfigured, Refused
from quittance.core.money import Money, total
from quittance.erp.base import (
    CreditKind,
    CreditRecord,
    InvoiceRecord,
    InvoiceStatus,
    PaymentInstruction,
)
from quittance.erp.business_central import limits
from quittance.erp.business_central import translate as words
from quittance.erp.business_central.odata import Api, Unreadable, text, translated
from quittance.erp.documents import LedgerEntryRecord, LedgerKind

T = TypeVar("T")

_FIELD: Final = "ledger_service"
_ENTITY: Final = "the web service over Customer Ledger Entries"
_EMPTY_DATE: Final = date(1, 1, 1)
_A_DAY: Final = timedelta(days=1)  # it is yesterday somewhere
_ENCODED: Final = re.compile(r"_x([0-9A-F]{4})_")
_KINDS: Final = {
    "Invoice": LedgerKind.INVOICE,
    "Credit Memo": LedgerKind.CREDIT_NOTE,
    "Payment": LedgerKind.PAYMENT,
    "Refund": LedgerKind.REFUND,
    "Reminder": LedgerKind.REMINDER,
    "Finance Charge Memo": LedgerKind.FINANCE_CHARGE,
}
_CREDITS: Final = {"Credit Memo": CreditKind.CREDIT_NOTE, "Payment": CreditKind.PAYMENT}


class _Row(msgspec.Struct):
    """What every reader needs of a row of page 25. Amounts are in the entry's own currency."""

    number: int = msgspec.field(name="Entry_No")
    posting_date: date = msgspec.field(name="Posting_Date")
    document_type: str = msgspec.field(name="Document_Type")  # none: reminders and blanks
    document_number: str = msgspec.field(name="Document_No")
    currency_code: str = msgspec.field(name="Currency_Code")
    amount: Decimal = msgspec.field(name="Amount")  # credit is below zero
    remaining: Decimal = msgspec.field(name="Remaining_Amount")

    FIELDS = "Entry_No,Posting_Date,Document_Type,Document_No,Currency_Code,Amount,Remaining_Amount"

    @property
    def type(self) -> str:
        """Its document type as people write it, whether the blank travels encoded or not."""
        return _ENCODED.sub(lambda found: chr(int(found[1], 16)), self.document_type)


class _Entry(_Row):
    """A row with whose it is, and what may still be taken off."""

    customer_number: str = msgspec.field(name="Customer_No")
    discount_date: date = msgspec.field(name="Pmt_Discount_Date")
    discount: Decimal = msgspec.field(name="Remaining_Pmt_Disc_Possible")

    SELECT = f"{_Row.FIELDS},Customer_No,Pmt_Discount_Date,Remaining_Pmt_Disc_Possible"


class _StatementEntry(_Row):
    """A row of one customer, with when it is due."""

    due_date: date = msgspec.field(name="Due_Date")

    SELECT = f"{_Row.FIELDS},Due_Date"


class _Customer(msgspec.Struct):
    id: UUID
    number: str


class _Company(msgspec.Struct):
    id: UUID
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The web service of one company: its name, and the company's, by which it is addressed."""

    api: Api
    name: str
    company: str

    def entries(self, query: str) -> Sequence[_Entry]:
        """Return all entries that a filter lets through."""
        return self.rows(query, _Entry, _Entry.SELECT)

    def rows(
        self,
        query: str,
        row: type[T],
        select: str,
        *,
        so_far: Callable[[int], None] | None = None,
    ) -> Sequence[T]:
        """Return these fields of all entries that a filter lets through."""
        company = self.company.replace("'", "''")
        try:
            return self.api.all(
                f"/Company('{quote(company, safe='')}')/{quote(self.name, safe='')}",
                row,
                entity=_ENTITY,
                query={"$filter": query, "$select": select},
                so_far=so_far,
            )
        except Misconfigured as error:
            if error.facts.get("status") == 404 and error.facts.get("field") == "environment":
                raise _wrong_service(self.name, "There is no such web service") from error
            raise


def service(api: Api, *, name: str, company_id: UUID) -> Service:
    """Find out the company's name, by which a web service is addressed, and return the service."""
    companies = api.all("/companies", _Company, entity="companies", query={"$select": "id,name"})
    for company in companies:
        if company.id == company_id:
            return Service(api=api.web_services(), name=name, company=company.name)
    raise Misconfigured(
        "This environment has no company with our company id, or the application may not see it.",
        field="company_id",
    )


def check_service(ledger: Service) -> None:
    """Read a little. Raises ``Misconfigured`` when it is not the customer ledger or not for us."""
    try:
        ledger.entries("Entry_No eq 0")
    except Refused as error:
        raise _wrong_service(ledger.name, f"Business Central refused to read it ({error})") from (
            error
        )
    except Unreadable as error:
        raise _wrong_service(ledger.name, f"It is not the customer ledger ({error})") from error


def with_discounts(
    ledger: Service | None, rows: Sequence[words.Invoice], records: Sequence[InvoiceRecord]
) -> Sequence[InvoiceRecord]:
    """Add what may be taken off each open invoice until when, as the ledger entry has it now.

    ``rows`` are what ``records`` were made of, in the same order. Costs no request for each
    invoice: few are asked for by number, many by what can still be taken off at all. A discount
    that ended before yesterday is left out: nobody can take it any more.
    """
    if ledger is None or not any(record.status is InvoiceStatus.OPEN for record in records):
        return records
    since = now().date() - _A_DAY
    found = {
        (entry.document_number, entry.customer_number, entry.posting_date): entry
        for entry in _discounted(ledger, records, since)
    }

    def finished(row: words.Invoice, record: InvoiceRecord) -> InvoiceRecord:
        entry = found.get((row.number, row.bill_to_customer_number, row.posting_date))
        if entry is None or record.status is not InvoiceStatus.OPEN:
            return record
        what = f"the discount of {row.number}"
        discount = words.exact(entry.discount, record.open.currency, what=what)
        return replace(record, discount=discount, discount_until=entry.discount_date)

    pairs = list(zip(rows, records, strict=True))
    return translated(pairs, lambda pair: finished(*pair), entity=_ENTITY)


def open_credits(
    api: Api, ledger: Service, customer_erp_ids: Sequence[str], *, local_currency: str
) -> Sequence[CreditRecord]:
    """Return open credit memos and unapplied payments of these customers."""
    ids = _numbers_by_customer(api, customer_erp_ids)
    entries: list[_Entry] = []
    for some in _chunks(sorted(ids), limits.NUMBERS_PER_FILTER):
        entries += ledger.entries(f"({_any_of('Customer_No', some)}) and Open eq true")

    def record(entry: _Entry) -> CreditRecord:
        what = f"entry {entry.number}"
        currency = words.currency_of(entry.currency_code, local_currency=local_currency, what=what)
        return CreditRecord(
            erp_id=str(entry.number),
            kind=_CREDITS[entry.type],
            number=entry.document_number,
            customer_erp_id=ids[entry.customer_number],
            issued_date=entry.posting_date,
            total=-words.exact(entry.amount, currency, what=what),
            open=-words.exact(entry.remaining, currency, what=what),
        )

    wanted = [entry for entry in entries if entry.type in _CREDITS and entry.remaining < 0]
    return translated(wanted, record, entity=_ENTITY)


def all_entries(
    api: Api,
    ledger: Service,
    customer_erp_id: str,
    *,
    local_currency: str,
    so_far: Callable[[int], None] | None = None,
) -> Sequence[LedgerEntryRecord]:
    """Return every entry of a customer, by day and number."""
    numbers = sorted(_numbers_by_customer(api, [customer_erp_id]))
    if not numbers:
        return []
    query = _any_of("Customer_No", numbers)
    found = ledger.rows(query, _StatementEntry, _StatementEntry.SELECT, so_far=so_far)

    def record(entry: _StatementEntry) -> LedgerEntryRecord:
        what = f"entry {entry.number}"
        currency = words.currency_of(entry.currency_code, local_currency=local_currency, what=what)
        due = entry.due_date if entry.due_date != _EMPTY_DATE else entry.posting_date
        return LedgerEntryRecord(
            number=entry.number,
            kind=_KINDS.get(entry.type, LedgerKind.OTHER),
            document_number=entry.document_number,
            posted_date=entry.posting_date,
            due_date=due,
            amount=words.exact(entry.amount, currency, what=what),
            open=words.exact(entry.remaining, currency, what=what),
        )

    records = translated(found, record, entity=_ENTITY)
    return sorted(records, key=lambda each: (each.posted_date, each.number))


def check_payment(api: Api, ledger: Service, instruction: PaymentInstruction) -> Money:
    """Compare a payment that is posted: whose it is, and how much in its own currency.

    The general ledger shows no customer, and a foreign payment in local currency only. What was
    corrected later stands behind it under the same number. Returns how much of what was meant for
    invoices is not applied. Raises ``Refused`` where it differs.
    """
    number, lines = instruction.document_number, instruction.lines
    found = ledger.entries(f"Document_No eq {text(number)}")
    paid = sorted((each for each in found if each.type == "Payment"), key=lambda each: each.number)
    ours = set(_numbers_by_customer(api, [instruction.customer_erp_id]))
    others = {each.customer_number for each in paid} - ours
    if others:
        raise Refused(
            f"Document {number} is posted for customer {', '.join(sorted(others))}, not for "
            f"{', '.join(ours) or 'ours'}. Somebody may have posted it by hand. Nothing was done; "
            "compare it in Business Central.",
            document_number=number,
        )
    wanted = sum((line.amount.decimal for line in lines), Decimal(0))
    itself = paid[: len(lines)]
    sums = list(accumulate(-each.amount for each in itself))
    if wanted not in sums:
        raise Refused(
            f"Document {number} is posted with {sums[-1] if sums else 'no payment'} in the "
            f"customer ledger, not with {wanted}. Nothing was done; compare it in Business "
            "Central.",
            document_number=number,
        )
    currency = lines[0].amount.currency
    open_ = sum((-each.remaining for each in itself), Decimal(0))
    left = words.exact(open_, currency, what=f"document {number}")
    on_account = total((each.amount for each in lines if not each.invoice_erp_id), currency)
    return max(left - on_account, Money(0, currency))


def _discounted(ledger: Service, records: Sequence[InvoiceRecord], since: date) -> Sequence[_Entry]:
    numbers = [record.number for record in records if record.status is InvoiceStatus.OPEN]
    alive = f"Open eq true and Pmt_Discount_Date ge {since}"
    if len(numbers) > limits.NUMBERS_ONE_BY_ONE:
        entries = list(ledger.entries(alive))
    else:
        entries = []
        for some in _chunks(numbers, limits.NUMBERS_PER_FILTER):
            entries += ledger.entries(f"({_any_of('Document_No', some)}) and {alive}")
    return [
        entry
        for entry in sorted(entries, key=lambda entry: -entry.number)  # the first one counts
        if entry.type == "Invoice" and entry.discount > 0 and entry.discount_date != _EMPTY_DATE
    ]


def _numbers_by_customer(api: Api, erp_ids: Sequence[str]) -> dict[str, str]:
    """Return our customers' ids by the numbers that the ledger knows them by."""
    found: dict[str, str] = {}
    for some in _chunks([words.guid(each) for each in erp_ids], limits.IDS_PER_FILTER):
        rows = api.all(
            f"{api.company}/customers",
            _Customer,
            entity="customers",
            query={
                "$filter": " or ".join(f"id eq {each}" for each in some),
                "$select": "id,number",
            },
        )
        found |= {row.number: str(row.id) for row in rows}
    return found


def _any_of(field: str, values: Sequence[str]) -> str:
    return " or ".join(f"{field} eq {text(value)}" for value in values)


def _chunks(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _wrong_service(name: str, why: str) -> Misconfigured:
    return Misconfigured(
        f"{why}: {name}. In Business Central, page Web Services, publish Object Type Page, Object "
        "ID 25 (Customer Ledger Entries) and give its Service Name; or leave the setting empty.",
        field=_FIELD,
    )
