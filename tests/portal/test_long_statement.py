"""A statement over years is made by a worker: for who asked, with the page's own fingerprint."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError
from django.test import Client
from pypdf import PdfReader

from quittance.core import clock
from quittance.exports.jobs import sweep
from quittance.exports.models import StatementFile
from quittance.exports.statement import make as making
from quittance.exports.statement.make import make
from quittance.exports.tell import tell_statement
from quittance.notifications.models import Message
from quittance.tenancy.rows import reading, writing
from tests.backoffice.office import words
from tests.ground import HARBORLINE
from tests.portal.doors import Door
from tests.portal.mirrored import put_invoice, this_day

YEARS = {"since": "2015-01-01", "currency": "USD"}
LEDGER = "Cust_Ledger_Entries"


def asked(client: Client, form: str = "pdf", **more: str) -> str:
    """Ask for one; return the address of its page."""
    answer = client.post("/statement/prepare", {**YEARS, "form": form, **more})
    assert answer.status_code == 303, answer.content
    return str(answer["Location"])


def id_of(address: str) -> UUID:
    return UUID(address.rsplit("/", 1)[1])


def bytes_of(answer: Any) -> bytes:
    assert answer.status_code == 200, answer.content
    return answer.content if hasattr(answer, "content") else bytes(answer.getvalue())


def row_of(address: str) -> StatementFile:
    with reading():
        return StatementFile.objects.get(pk=id_of(address))


def test_years_are_not_drawn_while_a_page_waits_but_by_a_worker(door: Door) -> None:
    client = door.buyer()

    page = client.get("/statement", YEARS)
    file = client.get("/statement.pdf", YEARS)
    month = client.get("/statement")

    assert "This is a long statement" in words(page)
    assert 'name="form" value="xlsx"' in page.content.decode()
    assert (file.status_code, file["Location"].partition("?")[0]) == (303, "/statement")
    assert "Closing balance" in words(month)


def test_many_invoices_are_long_in_any_period(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quittance.portal.statement.asked.MANY", 1)
    account, client = door.ground.account(HARBORLINE), door.buyer()
    put_invoice(account, 100, issued_date=this_day())
    few = client.get("/statement")
    put_invoice(account, 100, issued_date=this_day())

    assert "This is a long statement" not in words(few)
    assert "This is a long statement" in words(client.get("/statement"))


def test_every_form_has_the_fingerprint_that_the_page_says(door: Door) -> None:
    door.ground.bill("250.00")
    client = door.buyer()
    shown = client.get("/statement", {**YEARS, "here": "1"}).content.decode()
    found = re.search(r"[0-9a-f]{64}", shown)
    assert found
    printed = found[0]

    addresses = {form: asked(client, form) for form in ("pdf", "csv", "xlsx")}
    before = client.get(addresses["pdf"]).content.decode()
    early = client.get(f"{addresses['pdf']}/download")
    for address in addresses.values():
        make(id_of(address))
    after = client.get(addresses["pdf"]).content.decode()
    table = bytes_of(client.get(f"{addresses['csv']}/download")).decode()
    with PdfReader(io.BytesIO(bytes_of(client.get(f"{addresses['pdf']}/download")))) as paper:
        text = "".join(page.extract_text() for page in paper.pages)
    compared = client.get("/statement", {**YEARS, "fingerprint": printed})

    assert 'hx-trigger="every 2s"' in before
    assert early.status_code == 409
    assert printed in after
    assert "hx-trigger" not in after
    assert printed in table
    assert printed in re.sub(r"\s", "", text)
    assert bytes_of(client.get(f"{addresses['xlsx']}/download")).startswith(b"PK")
    assert "It is the same statement" in words(compared)
    assert row_of(addresses["pdf"]).entries > 0  # what the page says while it is read


def test_what_the_erp_did_not_answer_can_be_asked_again_and_one_pdf_has_an_end(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    door.ground.bill("250.00")
    client = door.buyer()
    address, table = asked(client), asked(client, "csv")
    monkeypatch.setattr(making, "MOST_LINES", 0)

    make(id_of(address))
    make(id_of(table))
    too_long = words(client.get(address))
    with writing():
        StatementFile.objects.filter(pk=id_of(address)).update(failure="unavailable")
    silent = words(client.get(address))
    monkeypatch.undo()
    again = client.post(f"{address}/again")
    make(id_of(address))

    assert "more lines than one PDF takes" in too_long
    assert row_of(table).failure == ""
    assert "did not answer" in silent
    assert again.status_code == 303
    assert "It is ready" in words(client.get(address))


def test_only_who_asked_finds_it_and_only_for_a_day(door: Door) -> None:
    client = door.buyer()
    address = asked(client)
    make(id_of(address))
    colleague = door.signed_in(HARBORLINE, email="lee@example.test")

    for path in (address, f"{address}/download"):
        assert colleague.get(path).status_code == 404
        assert door.client().get(path)["Location"].startswith("/sign-in")
    assert colleague.post(f"{address}/again").status_code == 404
    assert "Statement" in words(client.get("/files"))

    with writing():
        past = clock.now() - timedelta(minutes=1)
        StatementFile.objects.filter(pk=id_of(address)).update(expires_at=past)
    assert client.get(address).status_code == 404
    sweep(timestamp=0)
    with reading():
        assert not StatementFile.objects.exists()


def test_who_left_is_told_once_and_who_saw_it_is_not(door: Door) -> None:
    client = door.buyer()
    left, seen = asked(client), asked(client, "csv")
    tell_statement(id_of(left))  # not yet: nothing is made
    for address in (left, seen):
        make(id_of(address))
    client.get(seen)

    for address in (left, left, seen):
        tell_statement(id_of(address))

    with reading():
        (mail,) = Message.objects.filter(kind="statement_ready")
    assert mail.facts["address"].endswith(left)


def test_the_database_keeps_no_file_without_its_fingerprint(door: Door) -> None:
    address = asked(door.buyer())

    with pytest.raises(DatabaseError), writing():
        StatementFile.objects.filter(pk=id_of(address)).update(content=b"x")
