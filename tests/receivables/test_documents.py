"""Lines and PDF of an invoice: asked of the ERP when somebody first looks."""

from __future__ import annotations

from functools import partial

import pytest

from quittance.core.errors import OutsideError, Unavailable
from quittance.receivables.documents import lines_of, pdf_of
from quittance.receivables.models import InvoiceLine
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import narrowed_to
from tests.ground import EVENTS, Ground
from tests.payments.together import all_at_once

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
