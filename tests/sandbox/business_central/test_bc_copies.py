"""Snapshots of the company, a replica that lags, and a clock that is moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from sandbox.business_central.launch import Running
from tests.sandbox.business_central.bc_company import Books, error_of

READ_ONLY = {"Data-Access-Intent": "ReadOnly"}


@pytest.fixture
def alone(bc_start: Callable[..., Running]) -> Iterator[Books]:
    """Books of a sandbox of the test's own: its company is turned back."""
    client = Books(bc_start(webhook_delay=0.2))
    yield client
    client.close()


def test_a_restored_company_has_lost_what_was_posted_since(alone: Books) -> None:
    before = alone.invoice("100.00")
    alone.control.post("/company/snapshot", json={"name": "before"}).raise_for_status()
    number = alone.pay(before, "100.00")
    after = alone.invoice("50.00")

    alone.control.post("/company/restore", json={"name": "before"}).raise_for_status()

    assert alone.again(before)["status"] == "Open"
    assert alone.ledger(number) == []
    assert alone.ask("GET", f"salesInvoices({after['id']})").status_code == 404
    assert alone.invoice("50.00")["number"] == after["number"]


def test_a_restore_needs_a_snapshot(alone: Books) -> None:
    answer = alone.control.post("/company/restore", json={"name": "nothing"})
    assert answer.status_code == 400


def test_a_replica_shows_the_past_to_those_who_allow_it(alone: Books) -> None:
    invoice = alone.invoice("100.00")
    alone.control.post("/replica", json={"seconds": 3600}).raise_for_status()
    number = alone.pay(invoice, "100.00")
    entries = f"generalLedgerEntries?$filter=documentNumber eq '{number}'"

    assert alone.get(entries, **READ_ONLY)["value"] == []
    assert len(alone.get(entries)["value"]) == 2
    alone.control.post("/replica", json={"seconds": 3600}).raise_for_status()  # copied anew
    assert len(alone.get(entries, **READ_ONLY)["value"]) == 2
    alone.control.post("/replica", json={"seconds": 0}).raise_for_status()
    assert len(alone.get(entries, **READ_ONLY)["value"]) == 2


def test_a_write_cannot_be_read_only(alone: Books) -> None:
    answer = alone.ask("POST", "customers", json={"displayName": "X"}, headers=READ_ONLY)
    assert error_of(answer) == (400, "BadRequest_InvalidOperation")


def test_the_clock_moves_the_work_date_and_ends_tokens(alone: Books) -> None:
    today = datetime.now(UTC).date()
    alone.control.post("/clock", json={"days": 40}).raise_for_status()

    assert alone.ask("GET", "customers?$top=1").status_code == 401
    later = Books(alone.running)
    invoice = later.invoice("10.00")
    later.close()
    assert date.fromisoformat(invoice["postingDate"]) - today >= timedelta(days=40)
