"""Pages of customers and invoices: what is taken over, what is refused, where it goes on."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quittance.core.credentials import read as read_credentials
from quittance.core.errors import Refused, Unavailable
from quittance.core.money import Money
from quittance.erp.base import Erp, Hindrance, InvoiceRecord, InvoiceStatus
from quittance.erp.business_central import odata, translate
from quittance.erp.business_central.credentials import Credentials
from quittance.erp.business_central.erp import BusinessCentral
from quittance.erp.contract import all_of
from tests.erp.rows import CUSTOMER_ID, INVOICE_ID, customer_row, error_body, invoice_row, page
from tests.erp.scripted import Answer, Asked, Scripted, in_turn
from tests.erp.stage import SandboxStage, settings_of


def query_of(server: Scripted, asked: int = -1) -> dict[str, str]:
    query = parse_qs(urlsplit(server.asked[asked].path).query)
    return {name: values[0] for name, values in query.items()}


def test_an_invoice_is_taken_over_exactly(server: Scripted, erp: Erp) -> None:
    server.answer = in_turn([Answer(body=page(invoice_row()))])

    records = erp.invoices("").records

    assert records == [
        InvoiceRecord(
            erp_id=INVOICE_ID,
            etag='W/"JzIwOzEyMzQ1Njc4OTAxMjM0NTY3ODkwMTswMDsn"',
            number="PS-INV103001",
            customer_erp_id=CUSTOMER_ID,
            status=InvoiceStatus.OPEN,
            purchase_order="PO 7",
            order_number="S-ORD101",
            issued_date=date(2026, 8, 1),
            due_date=date(2026, 8, 31),
            total=Money(11900, "EUR"),
            tax=Money(1900, "EUR"),
            open=Money(10050, "EUR"),
            changed_at=datetime(2026, 8, 1, 10, 0, 0, 123000, tzinfo=UTC),
        )
    ]


@pytest.mark.parametrize(
    ("wire", "ours"),
    [
        ("Draft", InvoiceStatus.DRAFT),
        ("In_x0020_Review", InvoiceStatus.DRAFT),
        ("Open", InvoiceStatus.OPEN),
        ("Paid", InvoiceStatus.PAID),
        ("Canceled", InvoiceStatus.CANCELLED),
        ("Corrective", InvoiceStatus.CANCELLED),
    ],
)
def test_every_status_of_the_wire_has_a_word_of_ours(
    server: Scripted, erp: Erp, wire: str, ours: InvoiceStatus
) -> None:
    server.answer = in_turn([Answer(body=page(invoice_row(status=wire)))])

    assert erp.invoices("").records[0].status == ours


def test_a_blank_currency_is_the_companys_own(server: Scripted, erp: Erp) -> None:
    server.answer = in_turn([Answer(body=page(customer_row(currencyCode="")))])

    assert erp.customers("").records[0].currency == "EUR"


def test_only_a_customer_blocked_for_all_cannot_pay(server: Scripted, erp: Erp) -> None:
    rows = [customer_row(blocked=word) for word in ("_x0020_", "Ship", "Invoice", "All")]
    server.answer = in_turn([Answer(body=page(*rows))])

    records = erp.customers("").records

    assert [record.blocked for record in records] == [False, False, False, True]


def test_an_empty_due_date_is_the_invoices_own_date(server: Scripted, erp: Erp) -> None:
    row = invoice_row(dueDate="0001-01-01", invoiceDate="0001-01-01")
    server.answer = in_turn([Answer(body=page(row))])

    record = erp.invoices("").records[0]

    assert record.issued_date == record.due_date == date(2026, 8, 2)


MALFORMED = {
    "broken JSON": b'{"value": [',
    "no JSON at all": b"<html>Service unavailable</html>",
    "no value": b"{}",
    "a missing field": page({k: v for k, v in invoice_row().items() if k != "remainingAmount"}),
    "a null": page(invoice_row(number=None)),
    "a wrong type": page(invoice_row(remainingAmount=True)),
    "no etag": page(invoice_row(**{"@odata.etag": ""})),
    "too many decimals": page(invoice_row(remainingAmount=10.505)),
    "decimals of a yen": page(invoice_row(remainingAmount=10.5, currencyCode="JPY")),
    "an amount out of all proportion": page(invoice_row(remainingAmount=1e200)),
    "an unknown status": page(invoice_row(status="Posted")),
    "an unknown currency": page(invoice_row(currencyCode="EURO")),
    "a moment without a zone": page(invoice_row(lastModifiedDateTime="2026-08-01T10:00:00")),
    "no date": page(invoice_row(dueDate="soon")),
    "a bad row among good ones": page(invoice_row(), invoice_row(id="x")),
    "a link to a foreign host": page(invoice_row(), next_link="http://127.0.0.2:1/next"),
    "a link that hides its host": page(invoice_row(), next_link="http://127.0.0.1@127.0.0.2/n"),
    "a link that is no address": page(invoice_row(), next_link="http://[::"),
    "a relative link": page(invoice_row(), next_link="salesInvoices?$skiptoken=x"),
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_page_is_unavailable_and_the_cursor_stays(
    server: Scripted, erp: Erp, body: bytes
) -> None:
    server.answer = in_turn([Answer(body=body), Answer(body=page(invoice_row()))])

    with pytest.raises(Unavailable) as caught:
        erp.invoices("")

    assert str(caught.value).endswith(".")
    assert len(erp.invoices("").records) == 1


def test_the_sentence_names_the_invoice_whose_amount_makes_no_sense(
    server: Scripted, erp: Erp
) -> None:
    server.answer = in_turn([Answer(body=page(invoice_row(remainingAmount=10.505)))])

    with pytest.raises(Unavailable, match=r"invoice PS-INV103001 has the amount 10\.505 in EUR"):
        erp.invoices("")


def test_a_run_follows_the_links_and_asks_for_the_same_size_again(
    server: Scripted, erp: Erp
) -> None:
    link = f"{server.origin}/v2.0/contoso.example/production/api/v2.0/x?$skiptoken=abc"
    server.answer = in_turn(
        [Answer(body=page(invoice_row(), next_link=link)), Answer(body=page(invoice_row()))]
    )

    first = erp.invoices("")
    second = erp.invoices(first.cursor)

    assert (first.more, second.more) == (True, False)
    assert server.asked[1].path.endswith("$skiptoken=abc")
    assert {asked.headers["Prefer"] for asked in server.asked} == {"odata.maxpagesize=5000"}
    assert "$top" not in server.asked[0].path
    assert "$filter" not in server.asked[0].path


def test_a_cursor_kept_in_the_middle_of_a_run_leads_to_no_foreign_host(
    server: Scripted, erp: Erp
) -> None:
    with pytest.raises(Unavailable, match="another host"):
        erp.invoices('{"next":"http://127.0.0.2:1/x"}')
    assert server.asked == []


@pytest.mark.parametrize("cursor", ["nonsense", '{"since":"now"}', '{"what":1}', "[]"])
def test_a_cursor_that_is_not_ours_is_refused(server: Scripted, erp: Erp, cursor: str) -> None:
    with pytest.raises(Refused, match="not a cursor of ours"):
        erp.invoices(cursor)


@time_machine.travel("2026-08-01T12:00:00Z", tick=False)
def test_the_next_run_begins_after_the_latest_change_when_that_is_old(
    server: Scripted, erp: Erp
) -> None:
    server.answer = in_turn([Answer(body=page(invoice_row())), Answer(body=page())])

    again = erp.invoices(erp.invoices("").cursor)

    assert query_of(server)["$filter"] == "lastModifiedDateTime ge 2026-08-01T10:00:00.124Z"
    assert query_of(server)["$orderby"] == "lastModifiedDateTime"
    assert json.loads(again.cursor) == {"since": "2026-08-01T10:00:00.124000Z"}


@time_machine.travel("2026-08-01T10:00:05Z", tick=False)
def test_a_young_change_is_read_again_because_an_older_one_may_still_be_committed(
    server: Scripted, erp: Erp
) -> None:
    server.answer = in_turn([Answer(body=page(invoice_row())), Answer(body=page())])

    erp.invoices(erp.invoices("").cursor)

    assert query_of(server)["$filter"] == "lastModifiedDateTime ge 2026-08-01T09:50:05.000Z"


def test_a_link_that_is_too_old_begins_the_run_again(server: Scripted, erp: Erp) -> None:
    link = f"{server.origin}/v2.0/x?$skiptoken=old"
    stale = b'{"error":{"code":"SkipTokenIsNoLongerValid","message":"Too old."}}'
    server.answer = in_turn(
        [
            Answer(body=page(invoice_row(), next_link=link)),
            Answer(status=400, body=stale),
            Answer(body=page(invoice_row())),
        ]
    )

    records = erp.invoices(erp.invoices("").cursor).records

    assert len(records) == 1
    assert "$skiptoken" not in server.asked[2].path


def test_many_small_pages_read_by_changing_workers_are_all_there_is(
    business_central: SandboxStage, client: httpx.Client
) -> None:
    whole, end = all_of(business_central.erp.invoices)
    credentials = read_credentials(Credentials, settings_of(business_central.running))

    found, last = all_of(
        lambda cursor: BusinessCentral(credentials, client, page_size=90).invoices(cursor)
    )

    assert len(whole) > 5 * 90
    assert [invoice.erp_id for invoice in found] == [invoice.erp_id for invoice in whole]
    assert json.loads(last).keys() == json.loads(end).keys() == {"since"}


def test_a_partial_payment_shows_among_the_open_invoices_and_nowhere_else(
    business_central: SandboxStage,
) -> None:
    erp = business_central.erp
    number = business_central.clerk_invoice(90_000, customer="C-10311")
    _, cursor = all_of(erp.invoices)
    position = erp.ledger_position()
    time.sleep(0.01)  # the moments of changes have milliseconds

    business_central.control("POST", "/clerk/post-payment", {"invoice": number, "amount": "100.00"})

    assert erp.ledger_position() != position
    before = {each.number: each.etag for each in erp.invoices(cursor).records}
    after = {each.number: each for each in all_of(erp.open_invoices)[0]}
    assert after[number].open == Money(80_000, "USD")
    assert before.get(number, after[number].etag) == after[number].etag


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
VALUES = JSON | st.sampled_from(
    ["0001-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1e999999", "NaN", ""]
)
ROWS = st.dictionaries(st.sampled_from(sorted(invoice_row())), VALUES, max_size=3).map(
    lambda changes: invoice_row(**changes)
)
BODIES = st.binary(max_size=200) | st.lists(ROWS, max_size=3).map(
    lambda rows: json.dumps({"value": rows}).encode()
)


def read(body: bytes) -> Any:
    page = odata.decode(body, odata._Envelope[translate.Invoice], entity="salesInvoices")
    return odata.translated(
        page.value,
        lambda row: translate.invoice_record(row, local_currency="EUR"),
        entity="salesInvoices",
    )


@given(BODIES)
@settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_bytes_are_records_or_unavailable_and_nothing_else(body: bytes) -> None:
    try:
        records = read(body)
    except Unavailable:
        return
    assert all(isinstance(record, InvoiceRecord) for record in records)


@settings(deadline=None)
@given(st.decimals(allow_nan=True, allow_infinity=True) | st.from_regex(r"-?\d{1,30}(\.\d{0,30})?"))
def test_an_amount_is_exact_or_refused(amount: Any) -> None:
    row = json.dumps(invoice_row(totalTaxAmount="AMOUNT")).replace('"AMOUNT"', str(amount))
    try:
        records = read(f'{{"value":[{row}]}}'.encode())
    except Unavailable:
        return
    assert records[0].tax.decimal == Decimal(str(amount))


def told(code: str) -> InvoiceRecord:
    """An invoice with this dispute status, where RESOLVED and WRITTEN stop no payment."""
    row = msgspec.json.decode(json.dumps(invoice_row(disputeStatus=code)), type=translate.Invoice)
    settled = {"RESOLVED", "WRITTEN"}
    return translate.invoice_record(row, local_currency="EUR", settled=settled)


def test_a_dispute_stops_a_payment_unless_its_status_is_said_to_be_settled() -> None:
    assert told("").hindrance is None
    assert told("PRICE").hindrance is Hindrance.DISPUTED
    assert told("RESOLVED").hindrance is None


@pytest.mark.parametrize("read", [
    lambda erp: erp.invoices("").records,
    lambda erp: erp.open_invoices("").records,
    lambda erp: erp.read_invoices([INVOICE_ID]),
])  # fmt: skip
def test_a_version_without_dispute_statuses_is_read_without_them_from_then_on(
    server: Scripted, erp: Erp, read: Callable[[Erp], Sequence[InvoiceRecord]]
) -> None:
    unknown = "Could not find a property named 'disputeStatus' on type 'Microsoft.NAV.salesInvoice'"

    def answer(asked: Asked) -> Answer:
        if "disputeStatus" in asked.path:
            return Answer(status=400, body=error_body("BadRequest", unknown))
        entry = {"entryNumber": 1, "documentNumber": "PS-INV103001", "documentType": "Invoice",
                 "postingDate": "2026-08-01", "accountNumber": "1", "debitAmount": 1,
                 "creditAmount": 0}  # fmt: skip
        row = invoice_row() if "salesInvoices" in asked.path else entry
        return Answer(body=page(row))

    server.answer = answer

    first, second = read(erp), read(erp)

    assert first == second
    assert [each.hindrance for each in first] == [None]
    assert sum("disputeStatus" in each.path for each in server.asked) == 1
