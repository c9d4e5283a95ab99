"""A buyer disputes lines of an invoice, is answered, and takes it back; nobody else sees it."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from quittance.core.ids import new_id
from quittance.disputes.models import DisputeFile, InvoiceDispute
from quittance.portal.access import account_with
from quittance.portal.brake import MOST_WITH_FILES
from quittance.portal.invoices.filters import Filters
from quittance.portal.invoices.listing import payable_ids
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import reading, writing
from tests.backoffice.office import words
from tests.disputes.quarrels import PDF
from tests.ground import HARBORLINE
from tests.portal.doors import Door, begin_checkout, fields_of


def form(client: Client, invoice: Invoice) -> dict[str, str]:
    return fields_of(client.get(f"/invoices/{invoice.pk}/dispute").content)


def opened(client: Client, invoice: Invoice, amount: str = "50.00", **more: Any) -> Any:
    """Dispute an amount of the invoice as such; return the answer."""
    sent = form(client, invoice) | {
        "line-whole": "1", "amount-whole": amount, "reason": "quantity",
        "text": "Four cases were missing.",
    }  # fmt: skip
    return client.post(f"/invoices/{invoice.pk}/dispute", {**sent, **more})


def the_one() -> InvoiceDispute:
    with reading():
        return InvoiceDispute.objects.get()


def test_a_buyer_disputes_one_line_with_a_file_and_reads_it_back(door: Door) -> None:
    client, invoice = door.buyer(), door.ground.bill("250.00")
    page = client.get(f"/invoices/{invoice.pk}/dispute")
    line = re.search(r'name="line-(\d+)"', page.content.decode())
    assert line

    answer = client.post(
        f"/invoices/{invoice.pk}/dispute",
        {
            **fields_of(page.content), f"line-{line[1]}": "1", f"amount-{line[1]}": "12.50",
            "reason": "damaged", "text": "Two were broken.",
            "files": SimpleUploadedFile("../slip\u202e.pdf.exe", PDF),
        },
    )  # fmt: skip
    dispute = the_one()
    shown = client.get(answer["Location"])

    assert answer["Location"] == f"/disputes/{dispute.pk}"
    text = words(shown)
    for each in ("Damaged goods", "$12.50", "Two were broken.", "slip.pdf.pdf", "With the seller"):
        assert each in text
    there = words(client.get(f"/invoices/{invoice.pk}"))
    assert "$12.50 disputed: Damaged goods" in there
    assert "Northwind Traders looks at it" in there
    assert "Pay $237.50" in there


def test_the_list_the_tab_and_the_overview_show_what_is_disputed(door: Door) -> None:
    client, invoice, other = door.buyer(), door.ground.bill("250.00"), door.ground.bill("10.00")
    opened(client, invoice)

    tab = words(client.get("/invoices?tab=disputed"))
    overview = words(client.get("/"))

    assert "Disputed 1" in tab
    assert invoice.number in tab
    assert other.number not in tab
    assert "$50.00 disputed" in tab
    assert "$50.00 of it is disputed" in overview
    assert "$260.00" in overview  # what is owed stays what is owed


def test_the_checkout_begins_without_the_disputed_part_and_warns_who_pays_it(door: Door) -> None:
    client, invoice = door.buyer(), door.ground.bill("250.00")
    opened(client, invoice)

    basket = begin_checkout(client, invoice)
    step = client.get(f"{basket}/amounts")

    assert 'value="200.00"' in step.content.decode()
    assert "You dispute $50.00 of it" in words(step)
    sent = fields_of(step.content) | {f"amount-{invoice.pk}": "250.00"}
    assert client.post(f"{basket}/amounts", sent).status_code == 303


def test_all_takes_in_nothing_disputed_while_the_rest_is_being_paid(door: Door) -> None:
    client, invoice, other = door.buyer(), door.ground.bill("250.00"), door.ground.bill("10.00")
    opened(client, invoice)
    with reading():
        account = account_with(invoice.customer_account_id)
        before = payable_ids(account, Filters(), today=invoice.due_date, at_most=500)

    door.ground.pay((invoice, "200.00"))

    with reading():
        after = payable_ids(account, Filters(), today=invoice.due_date, at_most=500)
    assert {invoice.pk, other.pk} <= set(before)
    assert set(before) - set(after) == {invoice.pk}


def test_what_is_wrong_comes_back_as_it_was_typed(door: Door) -> None:
    client, invoice = door.buyer(), door.ground.bill("250.00")

    too_much = opened(client, invoice, "250.01")
    nothing = client.post(
        f"/invoices/{invoice.pk}/dispute",
        form(client, invoice) | {"reason": "price", "text": "It is wrong."},
    )

    assert (too_much.status_code, nothing.status_code) == (422, 422)
    assert "not above what was billed" in words(too_much)
    assert 'value="250.01"' in too_much.content.decode()
    assert "Four cases were missing." in words(too_much)
    assert "choose a line, or write an amount" in words(nothing)
    with reading():
        assert not InvoiceDispute.objects.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("evil.html", b"<script>alert(1)</script>"),
        ("evil.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("evil.pdf", b"MZ\x90\x00"),
        ("big.pdf", b"%PDF-" + b"0" * (5 * 1024 * 1024)),
    ],
)
def test_only_small_files_of_three_kinds_are_taken(door: Door, name: str, content: bytes) -> None:
    client, invoice = door.buyer(), door.ground.bill("250.00")

    answer = opened(client, invoice, files=SimpleUploadedFile(name, content))

    assert answer.status_code == 422
    with reading():
        assert not DisputeFile.objects.exists()
        assert not InvoiceDispute.objects.exists()


def test_a_file_is_only_ever_a_download(door: Door) -> None:
    client, invoice = door.buyer(), door.ground.bill("250.00")
    opened(client, invoice, files=SimpleUploadedFile('a"b.pdf', PDF + b"<script>"))
    with reading():
        file = DisputeFile.objects.get()

    answer = client.get(f"/disputes/{file.dispute_id}/files/{file.pk}")

    assert answer.content.startswith(PDF)
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == 'attachment; filename="a-b.pdf"'
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_an_answer_and_a_withdrawal_are_kept_once(door: Door) -> None:
    client, invoice = door.buyer(), door.ground.bill("250.00")
    there = opened(client, invoice)["Location"]
    sent = fields_of(client.get(there).content) | {"text": "And a fifth one."}

    client.post(f"{there}/answer", sent)
    client.post(f"{there}/answer", sent)
    back = client.post(f"{there}/take-back", fields_of(client.get(there).content))
    late = client.post(f"{there}/answer", {**sent, "key": "0198c0de-0000-7000-8000-000000000001"})

    assert back.status_code == 303
    assert words(client.get(there)).count("And a fifth one.") == 1
    assert the_one().status == "withdrawn"
    assert late.status_code == 409
    assert "has moved on" in words(late)
    assert "Dispute" in html.unescape(client.get(f"/invoices/{invoice.pk}").content.decode())


def test_each_form_of_a_dispute_has_a_key_of_its_own(door: Door) -> None:
    client = door.buyer()
    opened(client, door.ground.bill("250.00"))
    page = client.get(f"/disputes/{the_one().pk}").content.decode()

    keys = re.findall(r'name="key" value="([^"]+)"', page)

    assert len(keys) == len(set(keys)) == 2


def test_a_stranger_gets_the_same_answer_as_for_what_is_not_there(door: Door) -> None:
    client, stranger, invoice = door.buyer(), door.stranger(), door.ground.bill("250.00")
    there = opened(client, invoice, files=SimpleUploadedFile("slip.pdf", PDF))["Location"]
    with reading():
        file = DisputeFile.objects.get()
    sent = {"key": "0198c0de-0000-7000-8000-000000000001", "text": "Mine."}

    for path, missing in (
        (there, there[:-4] + "0000"),
        (f"{there}/files/{file.pk}", f"{there}/files/{there.rpartition('/')[2]}"),
    ):
        foreign, gone = stranger.get(path), client.get(missing)
        assert (foreign.status_code, gone.status_code) == (404, 404)
    assert stranger.get(f"/invoices/{invoice.pk}/dispute").status_code == 404
    assert stranger.post(f"{there}/answer", sent).status_code == 404
    assert stranger.post(f"{there}/take-back", sent).status_code == 404
    assert the_one().status == "open"


def test_the_erps_own_mark_is_shown_beside_without_confusion(door: Door) -> None:
    client, invoice = door.buyer(), door.ground.bill("250.00")
    there = opened(client, invoice)["Location"]
    with writing():
        Invoice.objects.filter(pk=invoice.pk).update(hindrance="disputed")

    page = words(client.get(f"/invoices/{invoice.pk}"))

    assert "$50.00 disputed: Wrong quantity" in page
    assert "The seller has marked this invoice as disputed." in page
    assert "books mark this invoice as disputed, too" in words(client.get(there))


def test_who_sends_files_again_and_again_waits_and_nobody_else_does(door: Door) -> None:
    client, invoice = door.buyer(), door.ground.bill("250.00")
    colleague = door.signed_in(HARBORLINE, email="eve@example.test")
    opened(client, invoice)
    address = f"/disputes/{the_one().pk}/answer"

    def send(who: Client) -> Any:
        file = SimpleUploadedFile("slip.pdf", PDF)
        return who.post(address, {"text": "Look.", "key": str(new_id()), "files": file})

    sent = [send(client).status_code for _ in range(MOST_WITH_FILES)]
    refused = send(client)

    assert set(sent) == {303}
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert "Nothing was sent" in words(refused)
    without = client.post(address, {"text": "Without.", "key": str(new_id())})
    assert without.status_code == 303
    assert send(colleague).status_code == 303
