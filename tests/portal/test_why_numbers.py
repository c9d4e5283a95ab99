"""Every balance leads to the entries that sum to it, with documents and time of reading."""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import parse_qsl, urlsplit

from quittance.core.money import Money
from quittance.payments.models import Allocation
from quittance.portal.invoices.detail import _why, read_invoice
from quittance.portal.statement.context import _why_opening
from quittance.tenancy.rows import reading, writing
from tests.ground import HARBORLINE
from tests.portal.doors import Door
from tests.portal.mirrored import put_credit, put_invoice
from tests.portal.test_statement import TODAY, drawn, entries


def test_the_entries_of_an_invoice_sum_to_what_is_open(door: Door) -> None:
    invoice = door.ground.bill("250.00")
    payment = door.ground.pay((invoice, "100.00"))
    with writing():
        Allocation.objects.filter(payment=payment).update(status="consumed")
    with writing():
        Allocation.objects.filter(payment=payment).update(status="reflected")
        type(invoice).objects.filter(pk=invoice.pk).update(open_minor=120_00)

    with reading():
        found = read_invoice(invoice.pk)
        assert found is not None
        rows = _why(found.invoice, found.allocations)

    amounts = [amount for _name, _address, amount, _at in rows]
    assert sum((each.minor for each in amounts), 0) == 120_00
    assert amounts == [Money(each, "USD") for each in (250_00, -100_00, -30_00)]
    assert [name for name, *_ in rows][1] == payment.number
    page = door.buyer().get(f"/invoices/{invoice.pk}").content.decode()
    assert "Why is this number here?" in page
    assert "Read from the seller’s books" in page


def test_an_untouched_invoice_is_its_total(door: Door) -> None:
    invoice = put_invoice(door.ground.account(HARBORLINE), 90_00)
    with reading():
        found = read_invoice(invoice.pk)
        assert found is not None

        assert [row[2] for row in _why(found.invoice, found.allocations)] == [Money(90_00, "USD")]


def test_a_credits_rest_and_a_statements_balances_lead_to_their_entries(door: Door) -> None:
    credit = put_credit(door.ground.account(HARBORLINE), 25_00)
    client = door.buyer()

    rest = client.get(f"/credits/{credit.pk}").content.decode()
    statement = client.get("/statement").content.decode()

    assert 'href="#h-uses"' in rest
    assert 'href="#h-act"' in statement
    assert "Read from the seller’s books" in statement


def test_an_opening_balance_leads_to_the_statement_that_ends_with_it() -> None:
    found, since = entries(3), TODAY - timedelta(60)
    statement = drawn(found, since=since)

    query = dict(parse_qsl(urlsplit(_why_opening(statement)).query, keep_blank_values=True))
    before = drawn(found, until=date.fromisoformat(query["until"]))

    assert query["since"] == ""
    assert query["currency"] == "USD"
    assert before.closing == statement.opening
    assert _why_opening(drawn(found)) == ""
