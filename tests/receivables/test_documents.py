"""Lines and PDF of an invoice: asked of the ERP when somebody first looks."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from quittance.core import clock
from quittance.core.errors import OutsideError, Unavailable
from quittance.receivables.copies import keep_pdf, kept_pdf
from quittance.receivables.documents import lines_of, pdf_of
from quittance.receivables.models import InvoiceLine, InvoicePdf
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import narrowed_to
from tests.ground import EVENTS, Ground
from tests.payments.together import all_at_once
from tests.receivables.by_api import call

LINES = "salesInvoiceLines"


def kept() -> int:
    with reading():
        return InvoiceLine.objects.count()


def test_lines_are_read_once_and_kept(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    first = lines_of(invoice)
    ground.world.erp_fault(LINES, "status", status=503)

    second = lines_of(invoice)

    assert first
    assert second is not None
    assert [line.description for line in first] == [line.description for line in second]


def test_while_the_erp_does_not_answer_there_are_no_lines_to_show(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    ground.world.erp_fault(LINES, "malformed_json")

    assert lines_of(invoice) is None
    assert kept() == 0
    assert lines_of(invoice)


def test_a_buyer_reads_the_lines_of_their_own_invoice(ground: Ground) -> None:
    invoice = ground.bill("100.00")

    with narrowed_to([ground.account().pk]):
        assert lines_of(invoice)
        assert kept() > 0
    with narrowed_to([ground.account(EVENTS).pk]):
        assert kept() == 0


def test_two_readers_at_once_keep_the_lines_once(ground: Ground) -> None:
    invoice = ground.bill("100.00")

    got = all_at_once(*[partial(lines_of, invoice)] * 4)

    assert [each for each in got if isinstance(each, Exception)] == []
    assert {len(each) for each in got if isinstance(each, list)} == {kept()}


def test_the_pdf_is_the_erps_own(ground: Ground) -> None:
    assert pdf_of(ground.bill("100.00")).startswith(b"%PDF-")


@pytest.mark.parametrize("kind", ["status", "html", "malformed_json"])
def test_a_pdf_that_does_not_come_is_an_outside_error(ground: Ground, kind: str) -> None:
    invoice = ground.bill("100.00")
    ground.world.erp_fault("pdfDocument", kind)

    with pytest.raises(OutsideError) as refused:
        pdf_of(invoice)

    assert isinstance(refused.value, Unavailable)


def prints(ground: Ground) -> int:
    """How often the ERP was asked to print so far."""
    counted = ground.world.client.get(f"{ground.world.erp.control_url}/requests").json()
    return sum(count for what, count in counted.items() if "pdfDocumentContent" in what)


def test_a_print_is_asked_for_once_and_a_new_version_anew(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    before = prints(ground)
    first = pdf_of(invoice)
    second = pdf_of(invoice)
    once = prints(ground) - before
    call(ground, "PATCH", f"salesInvoices({invoice.erp_id})", {"dueDate": "2027-01-31"})
    changed = ground.read(invoice.erp_id)

    third = pdf_of(changed)

    assert (first == second, once) == (True, 1)
    assert changed.erp_etag != invoice.erp_etag
    assert prints(ground) - before == 2
    assert third.startswith(b"%PDF-")
    with reading():
        assert InvoicePdf.objects.filter(invoice=invoice).count() == 1


def test_a_print_that_is_kept_comes_while_the_erp_is_away(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    first = pdf_of(invoice)
    ground.world.erp_fault("pdfDocument", "status", status=503, times=0)

    assert pdf_of(invoice) == first


def test_a_buyer_finds_the_print_of_their_own_invoice_only(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    with narrowed_to([ground.account().pk]):
        pdf_of(invoice)
    with narrowed_to([ground.account(EVENTS).pk]), reading():
        others = InvoicePdf.objects.count()

    assert others == 0


def test_the_prints_that_were_not_used_longest_make_room(ground: Ground) -> None:
    invoices = [ground.bill("100.00") for _ in range(3)]
    for place, invoice in enumerate(invoices):
        keep_pdf(invoice, b"%PDF-" + b"x" * 995)
        with writing():
            hours = timedelta(hours=3 - place)
            InvoicePdf.objects.filter(invoice=invoice).update(used_at=clock.now() - hours)
    kept_pdf(invoices[0])  # is used again
    last = ground.bill("100.00")

    keep_pdf(last, b"%PDF-" + b"x" * 995, most_bytes=3000)

    there = [kept_pdf(each) is not None for each in [*invoices, last]]
    assert there == [True, False, True, True]
