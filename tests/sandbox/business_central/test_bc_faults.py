"""Faults on request: every one has the effect on the books that its name says."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
import pytest

from tests.sandbox.business_central.bc_company import Books

POST = "POST .*Microsoft.NAV.post"


def ready_batch(books: Books) -> tuple[Any, str]:
    """A batch with one line, and the line's document number."""
    batch = books.batch()
    return batch, str(books.line(batch, books.invoice(), "-10")["documentNumber"])


@pytest.mark.parametrize(("kind", "entries"), [("drop_before", 0), ("drop_after", 1)])
def test_a_lost_answer_says_nothing_about_the_effect(books: Books, kind: str, entries: int) -> None:
    batch, number = ready_batch(books)
    books.fault(match=POST, kind=kind)
    with pytest.raises(httpx.RemoteProtocolError):
        books.post_batch(batch)
    assert len(books.ledger(number)) == entries


@pytest.mark.parametrize(
    ("fault", "status", "entries"),
    [
        ({"kind": "status", "status": 503, "retry_after": 2}, 503, 0),
        ({"kind": "html"}, 502, 0),
        ({"kind": "error_after"}, 504, 1),
        ({"kind": "delay", "seconds": 0.1}, 204, 1),
        ({"kind": "delay_after", "seconds": 0.1}, 204, 1),
    ],
)
def test_a_fault_answers_with_its_status(
    books: Books, fault: dict[str, Any], status: int, entries: int
) -> None:
    batch, number = ready_batch(books)
    books.fault(match=POST, **fault)
    answer = books.post_batch(batch)
    assert answer.status_code == status
    assert answer.headers.get("retry-after") == ("2" if status == 503 else None)
    assert ("<html>" in answer.text) == (fault["kind"] == "html")
    assert len(books.ledger(number)) == entries


@pytest.mark.parametrize("status", [0, 504])
def test_a_late_commit_posts_minutes_after_the_client_has_given_up(
    books: Books, status: int
) -> None:
    batch, number = ready_batch(books)
    books.fault(match=POST, kind="late_commit", seconds=600, status=status)
    if status:
        assert books.post_batch(batch).status_code == status
    else:
        with pytest.raises(httpx.RemoteProtocolError):
            books.post_batch(batch)
    try:
        books.control.post("/clock", json={"seconds": 500})
        assert books.ledger(number) == []
        books.control.post("/clock", json={"seconds": 601})
        deadline = time.monotonic() + 20
        while not books.ledger(number) and time.monotonic() < deadline:
            time.sleep(0.02)
    finally:
        books.control.post("/clock", json={"seconds": 0})
    assert len(books.ledger(number)) == 1


def test_a_clerk_may_pay_the_invoice_just_before_we_post(books: Books) -> None:
    batch, invoice = books.batch(), books.invoice("40.00")
    number = books.line(batch, invoice, "-40")["documentNumber"]
    given = {"invoice": invoice["number"], "document": f"CL-{number}"}
    books.fault(match=POST, kind="clerk", act="post-payment", given=given)
    assert books.post_batch(batch).status_code == 400
    assert (books.ledger(number), len(books.ledger(f"CL-{number}"))) == ([], 1)


def test_a_clerk_may_undo_our_posting_before_we_hear_of_it(books: Books) -> None:
    batch, invoice = books.batch(), books.invoice("40.00")
    number = books.line(batch, invoice, "-40")["documentNumber"]
    undo = {"act": "reverse-payment", "given": {"document": number}, "when": "after"}
    books.fault(match=POST, kind="clerk", **undo)
    assert books.post_batch(batch).status_code == 204
    assert books.again(invoice)["remainingAmount"] == 40
    (done,) = books.control.get("/faults").json()["clerk"]
    assert done == {"act": "reverse-payment", "done": {"document": number, "reversed": 1}}


def test_a_clerk_who_cannot_is_told_and_stops_nobody(books: Books) -> None:
    books.fault(match="GET .*accounts", kind="clerk", act="unapply", given={"document": "NONE"})
    books.fault(match="GET .*currencies", kind="clerk", act="dance")
    books.get("accounts")
    books.get("currencies")
    first, second = books.control.get("/faults").json()["clerk"]
    assert "There is no ledger entry 'NONE'" in first["error"]
    assert "A clerk can:" in second["error"]


def test_a_malformed_page_is_cut_in_the_middle(books: Books) -> None:
    books.fault(match="GET .*customers", kind="malformed_json")
    answer = books.ask("GET", "customers")
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert books.ask("GET", "customers").json()["value"]


def test_a_fault_can_let_some_through_and_strike_several_times(books: Books) -> None:
    books.fault(match="GET .*accounts", kind="status", status=500, skip=1, times=2)
    found = [books.ask("GET", "accounts").status_code for _ in range(4)]
    assert found == [200, 500, 500, 200]


def test_a_fault_must_be_one_that_exists(books: Books) -> None:
    answer = books.control.post("/faults", json={"match": "GET", "kind": "meteor"})
    assert answer.status_code == 400
    assert "kind must be one of" in answer.json()["error"]


def test_requests_are_counted_by_pattern(books: Books) -> None:
    books.control.delete("/requests")
    books.get("customers?$top=1")
    assert books.control.get("/requests").json() == {"GET companies({})/customers": 1}


@pytest.mark.parametrize(
    ("act", "given"),
    [
        ("post-payment", {"invoice": "INV-NONE"}),
        ("invoice", {"customer": "C-10482", "amount": "-1"}),
        ("invoice", {"customer": "C-NONE", "amount": "1"}),
        ("posting-range", {"from": "yesterday"}),
    ],
)
def test_a_clerks_mistake_is_told(books: Books, act: str, given: dict[str, str]) -> None:
    answer = books.control.post(f"/clerk/{act}", json=given)
    assert answer.status_code == 400
    assert answer.json()["error"]
