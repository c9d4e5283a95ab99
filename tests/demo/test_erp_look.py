"""The smoke's last word can be a no."""

from __future__ import annotations

import os
from collections.abc import Iterator
from decimal import Decimal

import pytest

from demo import children, erp_look, ports
from demo.first_road import Line

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[erp_look.Books]:
    """The books of a fresh Business Central sandbox."""
    folder, port, control = tmp_path_factory.mktemp("bc"), ports.free_port(), ports.free_port()
    arguments = ["sandbox.business_central", "--port", str(port), "--control-port", str(control)]
    arguments += ["--data", str(folder / "data"), "--webhook-delay", "1"]
    with children.running(
        "business_central", arguments, log=folder / "log", environment=os.environ
    ) as child:
        children.wait_for_answer(child, control, "/health")
        looking = erp_look.Books(f"http://{ports.HOST}:{port}", f"http://{ports.HOST}:{control}")
        yield looking
        looking.close()


def open_invoice(books: erp_look.Books) -> Line:
    """An invoice that somebody claims to have paid in full."""
    invoice = books.any_open_invoice()
    open_cents = int(Decimal(invoice["remainingAmount"]) * 100)
    return Line(invoice["number"], paid=open_cents, most=open_cents, digits=2)


def test_an_invoice_that_was_not_paid_is_seen(books: erp_look.Books) -> None:
    line = open_invoice(books)

    verdict = erp_look.judge(books, (line,), before=books.last_entry(), document="P-1")

    assert not verdict.good
    assert f"invoice {line.number}: Open" in verdict.sentences[0]
    assert "(expected 0.00)   WRONG" in verdict.sentences[0]
    assert all(sentence.endswith("WRONG") for sentence in verdict.sentences)


def test_a_ledger_with_too_much_in_it_is_seen(books: erp_look.Books) -> None:
    line = open_invoice(books)

    verdict = erp_look.judge(books, (line,), before=0, document="P-1")

    assert not verdict.good
    assert "general ledger" in verdict.sentences[1]
    assert verdict.sentences[1].endswith("WRONG")
