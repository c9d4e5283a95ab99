"""Page 25, Customer Ledger Entries, as the books publish it where a web service is set up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tests.histories.books import Books

SERVICE: Final = "Ledger"
_NO_DATE: Final = "0001-01-01"


def rows(books: Books, wanted: str) -> list[dict[str, Any]]:
    """Return the entries that a filter of ours lets through."""
    numbers = {
        field: set(re.findall(rf"{field} eq '([^']*)'", wanted))
        for field in ("Document_No", "Customer_No")
    }
    found = (
        row for row in _all(books)
        if all(not some or row[field] in some for field, some in numbers.items())
    )  # fmt: skip
    if "Open eq true" in wanted:
        found = (row for row in found if row["Remaining_Amount"])
    since = re.search(r"Pmt_Discount_Date ge (\S+)", wanted)
    if since:
        found = (row for row in found if row["Pmt_Discount_Date"] >= since[1])
    return [] if wanted == "Entry_No eq 0" else list(found)


def _all(books: Books) -> Iterator[dict[str, Any]]:
    customers = {each.id: each.number for each in books.customers.values()}
    for number, one in enumerate(books.invoices.values()):
        still = one.status == "Open" and one.discount
        yield _row(
            books, 1000 + number, "Invoice", one.number, one.customer.number, one.total, one.open,
            day="2026-02-01", until=one.discount_until or _NO_DATE,
            discount=one.discount if still else 0,
        )  # fmt: skip
    for credit in books.credits.values():
        yield _row(
            books, int(credit.id), "Credit Memo", credit.number, credit.customer.number,
            -credit.total, -credit.open, day="2026-02-10",
        )  # fmt: skip
    for each in books.posted:
        yield _row(
            books, 100_000 + each.number, "Payment", each.document, customers[each.customer],
            -each.amount, each.applied - each.amount, day=each.posting_date,
        )  # fmt: skip


def _row(
    books: Books, number: int, kind: str, document: str, customer: str, minor: int, left: int, *,
    day: str, until: str = _NO_DATE, discount: int = 0,
) -> dict[str, Any]:  # fmt: skip
    return {
        "Entry_No": number, "Posting_Date": day, "Document_Type": kind, "Document_No": document,
        "Customer_No": customer, "Currency_Code": "", "Amount": books.amount(minor),
        "Remaining_Amount": books.amount(left), "Pmt_Discount_Date": until,
        "Remaining_Pmt_Disc_Possible": books.amount(discount),
    }  # fmt: skip
