"""PDFs of many invoices as one file: for who asked, for a day, and nothing is missing silently."""

from __future__ import annotations

import io
import re
import tracemalloc
import zipfile
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader, PdfWriter

from quittance.core import clock
from quittance.exports.fill import fill
from quittance.exports.jobs import sweep
from quittance.exports.models import Bundle, BundleDocument
from quittance.exports.write import bundle_file
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import working_for
from tests.ground import EVENTS, HARBORLINE
from tests.portal.doors import Door
from tests.portal.mirrored import put_invoice
from tests.portal.test_overview import questions

PDF_FAULT = "pdfDocument"


def tick(client: Client, *invoices: Invoice, files: str = "zip", query: str = "") -> Any:
    """Tick these and press a way to take their PDFs."""
    ids = [str(each.pk) for each in invoices]
    sent = {"invoice": ids, "shown": ids, "files": files, "query": query}
    return client.post("/invoices/pick", sent)


def bytes_of(answer: Any) -> bytes:
    assert answer.status_code == 200
    return bytes(answer.getvalue())


def names(content: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.namelist()


def a_pdf(pages: int = 1) -> bytes:
    out = io.BytesIO()
    with PdfWriter() as writer:
        for _ in range(pages):
            writer.add_blank_page(200, 200)
        writer.write(out)
    return out.getvalue()


def many(door: Door, count: int) -> list[Invoice]:
    own = door.ground.account(HARBORLINE)
    return [put_invoice(own, 1_000 + n) for n in range(count)]


def asked(client: Client, *invoices: Invoice, files: str = "zip") -> str:
    """Ask for a file that is made later; return the address of its page."""
    answer = tick(client, *invoices, files=files)
    assert answer.status_code == 303, answer.content
    return str(answer["Location"])


def id_of(address: str) -> UUID:
    return UUID(address.rsplit("/", 1)[1])


def bring(address: str, content: bytes) -> None:
    """Put a print where each is waited for, as a worker does."""
    with writing():
        BundleDocument.objects.filter(bundle_id=id_of(address), failure="").update(
            content=content, size_bytes=len(content)
        )


def test_a_few_come_at_once_as_one_zip(door: Door) -> None:
    one, two = door.ground.bill("250.00"), door.ground.bill("80.00")

    answer = tick(door.buyer(), one, two)
    content = bytes_of(answer)

    assert names(content) == [f"{one.number}.pdf", f"{two.number}.pdf"]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.read(f"{two.number}.pdf").startswith(b"%PDF-")
    assert answer["Content-Disposition"].startswith(f'attachment; filename="invoices-{HARBORLINE}')


def test_or_as_one_pdf_with_all_their_pages_and_a_bookmark_for_each(door: Door) -> None:
    one, two = door.ground.bill("250.00"), door.ground.bill("80.00")

    with PdfReader(io.BytesIO(bytes_of(tick(door.buyer(), one, two, files="pdf")))) as book:
        marks = [str(each.title) for each in book.outline]  # type: ignore[union-attr]
        text = "".join(page.extract_text() for page in book.pages)

    assert marks == [one.number, two.number]
    assert one.number in text
    assert two.number in text


def test_many_are_fetched_by_a_worker_while_the_page_says_how_far_it_is(door: Door) -> None:
    invoices = many(door, 9)
    real = door.ground.bill("250.00")
    client = door.buyer()

    address = asked(client, real, *invoices)
    before = client.get(address).content.decode()
    early = client.get(f"{address}/download")
    fill(id_of(address))
    after = client.get(address).content.decode()
    content = bytes_of(client.get(f"{address}/download"))

    assert "0 of 10 fetched" in before
    assert 'hx-trigger="every 2s"' in before
    assert early.status_code == 409
    assert "1 of 10 PDFs are in it" in after
    assert "hx-trigger" not in after
    assert all(each.number in after for each in invoices)  # the ERP knows none of these
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == [f"{real.number}.pdf", "missing.txt"]
        said = archive.read("missing.txt").decode()
    assert all(f"{each.number}: " in said for each in invoices)
    assert real.number not in said


def test_what_could_not_be_had_can_be_tried_again(door: Door) -> None:
    one, two = door.ground.bill("250.00"), door.ground.bill("80.00")
    door.ground.world.erp_fault(PDF_FAULT, "status", times=0)
    client = door.buyer()

    address = asked(client, one, two)  # the ERP is silent, so even few are waited for
    fill(id_of(address))
    failed = client.get(address).content.decode()
    door.ground.world.client.delete(f"{door.ground.world.erp.control_url}/faults")
    again = client.post(f"{address}/again")
    fill(id_of(address))

    assert "None of the PDFs could be had" in failed
    assert "did not answer" in failed
    assert (again.status_code, again["Location"]) == (303, address)
    assert names(bytes_of(client.get(f"{address}/download"))) == [
        f"{one.number}.pdf", f"{two.number}.pdf"
    ]  # fmt: skip


def test_an_erp_that_is_silent_is_not_asked_for_each_of_many(door: Door) -> None:
    invoices = [door.ground.bill(f"{10 + n}.00") for n in range(6)]
    door.ground.world.erp_fault(PDF_FAULT, "status", times=0)
    address = asked(door.buyer(), *invoices)

    more = fill(id_of(address))

    with reading():
        failures = set(BundleDocument.objects.values_list("failure", flat=True))
    assert more is False
    assert failures == {"unavailable"}


def test_files_of_one_seller_are_filled_one_at_a_time_and_asked_for_once(door: Door) -> None:
    client, invoices = door.buyer(), many(door, 9)
    addresses = {asked(client, *invoices) for _ in range(2)}
    for address in addresses:
        client.post(f"{address}/again")
    sweep.func(0)

    with reading(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT lock, args->>'bundle_id' FROM procrastinate_jobs"
            " WHERE task_name = 'exports.fill' AND status = 'todo' AND lock = %s",
            [f"exports:{door.ground.organization_id}"],
        )
        found = cursor.fetchall()

    assert sorted(UUID(bundle) for _lock, bundle in found) == sorted(map(id_of, addresses))


def test_a_run_ends_after_its_time_and_the_next_goes_on(door: Door) -> None:
    invoices = many(door, 9)
    address = asked(door.buyer(), *invoices)

    assert fill(id_of(address), seconds=-1) is True
    assert fill(id_of(address)) is False


def test_the_whole_list_can_be_taken_also_what_is_paid(door: Door) -> None:
    own = door.ground.account(HARBORLINE)
    paid = [put_invoice(own, 0, total_minor=900, erp_status="paid") for _ in range(60)]
    open_ = put_invoice(own, 100)
    client = door.buyer()

    address = tick(client, files="all", query="tab=paid")["Location"]

    with reading():
        held = set(BundleDocument.objects.values_list("invoice_id", flat=True))
    assert held == {each.pk for each in paid}
    assert open_.pk not in held
    assert "ZIP of 60 PDFs" in client.get(address).content.decode()


@pytest.mark.parametrize(("files", "count"), [("pdf", 101), ("zip", 0), ("all", 0)])
def test_too_many_and_none_are_refused_with_a_sentence(files: str, count: int, door: Door) -> None:
    answer = tick(door.buyer(), *many(door, count), files=files)

    assert answer.status_code == 409
    said = answer.content.decode()
    assert ("one PDF 100" in said) if count else ("Select the invoices first" in said)


def test_only_who_asked_for_it_sees_it(door: Door) -> None:
    client = door.buyer()
    address = asked(client, *many(door, 9))
    bring(address, a_pdf())
    colleague = door.signed_in(HARBORLINE, email="sam@example.test")
    stranger = door.stranger()
    missing = f"/files/{UUID(int=7)}"

    assert client.get(address).status_code == 200
    for other in (colleague, stranger):
        for way in ("", "/download"):
            foreign = other.get(address + way)
            nothing = other.get(missing + way)
            assert (foreign.status_code, foreign.content) == (404, nothing.content)
        assert other.post(f"{address}/again").status_code == 404
        assert "No files yet" in other.get("/files").content.decode()


def test_the_database_itself_keeps_colleagues_from_it(door: Door) -> None:
    colleague = door.person(HARBORLINE, email="sam@example.test")
    address = asked(door.buyer(), *many(door, 9))
    bring(address, a_pdf())
    own = door.ground.account(HARBORLINE)
    with working_for(
        door.ground.organization_id, actor=f"user:{colleague.pk}", customer_accounts=[own.pk]
    ):
        with reading():
            assert Bundle.objects.count() == BundleDocument.objects.count() == 0
        with writing():
            assert BundleDocument.objects.update(content=b"") == 0
        with pytest.raises(DatabaseError), writing():
            Bundle.objects.create(
                customer_account=own, user_id=UUID(int=1), kind="zip", whole=1,
                expires_at=clock.now(),
            )  # fmt: skip


def test_who_lost_an_account_gets_no_file_with_its_invoices(door: Door) -> None:
    from quittance.receivables.models import Contact

    client = door.signed_in(HARBORLINE, EVENTS)
    other = put_invoice(door.ground.account(EVENTS), 100)
    address = asked(client, other, *many(door, 9))
    bring(address, a_pdf())
    assert client.get(address).status_code == 200

    with writing():
        Contact.objects.filter(customer_account__number=EVENTS).delete()

    assert client.get(address).status_code == 404
    assert client.get(f"{address}/download").status_code == 404


def test_after_a_day_it_is_removed(door: Door) -> None:
    client = door.buyer()
    address = asked(client, *many(door, 9))
    bring(address, a_pdf())

    sweep.func(0)
    kept = client.get(address).status_code
    with writing():
        Bundle.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    gone = client.get(f"{address}/download").status_code
    sweep.func(0)

    assert (kept, gone) == (200, 404)
    with reading():
        assert Bundle.objects.count() == BundleDocument.objects.count() == 0


def test_a_file_is_kept_for_a_day_and_of_one_person_five(door: Door) -> None:
    client, invoices = door.buyer(), many(door, 9)

    addresses = [asked(client, *invoices) for _ in range(6)]

    with reading():
        ends = [each.expires_at - each.created_at for each in Bundle.objects.all()]
    assert client.get(addresses[0]).status_code == 404
    assert client.get(addresses[5]).status_code == 200
    assert len(ends) == 5
    assert all(timedelta(hours=23, minutes=59) < end <= timedelta(days=1) for end in ends)


def test_two_invoices_of_one_number_are_two_files(door: Door) -> None:
    client = door.signed_in(HARBORLINE, EVENTS)
    rows = [
        put_invoice(door.ground.account(number), 100, number=text)
        for number in (HARBORLINE, EVENTS)
        for text in ("SAME/1", "same/1", "../../x", "CON", "=1")
    ]
    address = asked(client, *rows)
    bring(address, a_pdf())

    found = names(bytes_of(client.get(f"{address}/download")))

    assert len({each.lower() for each in found}) == len(rows)
    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*\.pdf", each) for each in found)


def test_a_print_that_cannot_be_joined_is_named(door: Door) -> None:
    from quittance.receivables.copies import keep_pdf

    invoices = many(door, 9)
    for each in invoices:
        each.erp_etag = "1"
        with writing():
            each.save(update_fields=["erp_etag"])
        keep_pdf(each, b"%PDF-1.4 broken" if each is invoices[0] else a_pdf(2))
    client = door.buyer()
    address = asked(client, *invoices, files="pdf")

    fill(id_of(address))

    assert "cannot be put behind another one" in client.get(address).content.decode()
    with PdfReader(io.BytesIO(bytes_of(client.get(f"{address}/download")))) as book:
        assert len(book.pages) == 16


def test_a_zip_of_many_takes_the_memory_of_one_print(door: Door) -> None:
    client, size = door.buyer(), 300_000
    address = asked(client, *many(door, 100))
    bring(address, a_pdf().ljust(size, b" "))

    tracemalloc.start()
    try:
        with bundle_file(id_of(address), "zip", note="") as file:
            whole = file.seek(0, io.SEEK_END)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert whole > 100 * size
    assert peak < 8 * size


def test_the_pages_ask_the_database_few_questions(door: Door) -> None:
    client = door.buyer()
    address = asked(client, *many(door, 40))
    bring(address, a_pdf())

    assert questions(client, "/files") <= 7
    assert questions(client, address) <= 7
    with CaptureQueriesContext(connection) as captured:
        client.get(f"{address}/download").close()
    assert len([each for each in captured if each["sql"].startswith("SELECT")]) <= 9
