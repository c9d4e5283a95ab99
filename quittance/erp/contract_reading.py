"""What an ERP adapter must do that reads in parts, or shows documents besides invoices.

As ``contract.py``; the stage says whose documents there are.
"""

from __future__ import annotations

from typing import Protocol

from quittance.core.errors import Refused
from quittance.core.ids import new_id
from quittance.core.money import Money
from quittance.erp.base import InvoiceStatus, ReadsInParts
from quittance.erp.contract import Stage, all_of, caught, instruction_for
from quittance.erp.documents import DocumentKind, ShowsDocuments

_MOST = 50


class ReadingStage(Stage, Protocol):
    """A stage whose books hold documents of every kind, people and a file."""

    def customer_with(self, kind: DocumentKind) -> str:
        """Return a customer who has documents of this kind."""

    def customer_with_people(self) -> str:
        """Return a customer at whom the ERP knows people."""

    def document_with_file(self) -> tuple[DocumentKind, str]:
        """Return a document on which a file hangs."""


def shown(stage: Stage) -> ShowsDocuments:
    """Return the adapter as one that shows documents."""
    assert isinstance(stage.erp, ShowsDocuments)
    return stage.erp


class ReadingContract:
    """The deeds ``ReadsInParts`` and ``ShowsDocuments``."""

    def test_the_parts_hold_every_invoice(self, stage: Stage) -> None:
        erp = stage.erp
        assert isinstance(erp, ReadsInParts)
        everything = {each.erp_id for each in all_of(erp.invoices)[0]}

        cut = erp.invoice_parts(max(1, len(everything) // 3))

        found: set[str] = set()
        for begin in cut.cursors:
            more, cursor = True, begin
            while more:
                page = erp.invoices(cursor)
                found |= {each.erp_id for each in page.records}
                more, cursor = page.more, page.cursor
        assert found >= everything
        assert cut.expected >= len(everything)

    def test_the_last_part_goes_on_with_later_changes(self, stage: Stage) -> None:
        erp = stage.erp
        assert isinstance(erp, ReadsInParts)
        more, cursor = True, erp.invoice_parts(1_000_000).cursors[-1]
        while more:
            page = erp.invoices(cursor)
            more, cursor = page.more, page.cursor
        invoices = stage.open_invoices(1)
        instruction = instruction_for(invoices, today=stage.today)
        erp.post_draft(erp.draft_payment(instruction, again=False))  # its status changes

        found = {each.erp_id: each.status for each in erp.invoices(cursor).records}
        assert found[invoices[0].erp_id] == InvoiceStatus.PAID

    def test_the_people_of_a_customer_have_names(self, stage: ReadingStage) -> None:
        people = shown(stage).contacts(stage.customer_with_people())

        assert people
        assert all(each.name and each.erp_id for each in people)
        assert len({each.erp_id for each in people}) == len(people)

    def test_a_balance_falls_by_what_is_paid(self, stage: ReadingStage) -> None:
        (invoice,) = stage.open_invoices(1)
        before = shown(stage).balance(invoice.customer_erp_id)
        paid = Money(100, stage.local_currency)
        instruction = instruction_for([invoice], today=stage.today, amounts=[paid])
        stage.erp.post_draft(stage.erp.draft_payment(instruction, again=False))

        after = shown(stage).balance(invoice.customer_erp_id)

        assert before.total - after.total == paid
        assert after.overdue.currency == after.total.currency == paid.currency

    def test_credit_notes_are_the_customers_and_their_lines_add_up(
        self, stage: ReadingStage
    ) -> None:
        customer = stage.customer_with(DocumentKind.CREDIT_NOTE)

        found = shown(stage).credit_notes(customer, most=_MOST)

        assert {each.customer_erp_id for each in found} == {customer}
        days = [each.issued_date for each in found]
        assert days == sorted(days, reverse=True)
        lines = shown(stage).credit_note_lines(found[0].erp_id)
        net = sum(line.amount.minor for line in lines)
        assert net == (found[0].total - found[0].tax).minor

    def test_orders_are_the_customers_and_have_lines(self, stage: ReadingStage) -> None:
        customer = stage.customer_with(DocumentKind.ORDER)

        found = shown(stage).orders(customer, most=_MOST)

        assert {each.customer_erp_id for each in found} == {customer}
        lines = shown(stage).order_lines(found[0].erp_id)
        assert lines
        assert [line.sequence for line in lines] == sorted(line.sequence for line in lines)

    def test_shipments_are_the_customers_and_have_lines(self, stage: ReadingStage) -> None:
        customer = stage.customer_with(DocumentKind.SHIPMENT)

        found = shown(stage).shipments(customer, most=_MOST)

        assert {each.customer_erp_id for each in found} == {customer}
        assert any(line.quantity for line in shown(stage).shipment_lines(found[0].erp_id))

    def test_no_more_are_listed_than_asked_for(self, stage: ReadingStage) -> None:
        customer = stage.customer_with(DocumentKind.SHIPMENT)

        assert len(shown(stage).shipments(customer, most=1)) == 1

    def test_a_file_is_listed_and_read(self, stage: ReadingStage) -> None:
        kind, erp_id = stage.document_with_file()

        (file, *_) = shown(stage).attachments(kind, erp_id)

        assert file.name
        assert len(shown(stage).attachment(file.erp_id)) == file.size_bytes

    def test_customers_see_no_file_unless_the_seller_says_so(self, stage: ReadingStage) -> None:
        kind, erp_id = stage.document_with_file()

        assert list(shown(stage).attachments(kind, erp_id)) != []
        assert list(shown(stage).customer_files(kind, erp_id)) == []

    def test_the_print_of_a_credit_note_is_a_pdf(self, stage: ReadingStage) -> None:
        customer = stage.customer_with(DocumentKind.CREDIT_NOTE)
        (note, *_) = shown(stage).credit_notes(customer, most=1)

        content = shown(stage).document_pdf(DocumentKind.CREDIT_NOTE, note.erp_id)

        assert content.startswith(b"%PDF-")

    def test_a_document_that_is_not_there_is_refused(self, stage: Stage) -> None:
        nowhere = str(new_id())

        caught(Refused, lambda: shown(stage).order_lines(nowhere))
        caught(Refused, lambda: shown(stage).document_pdf(DocumentKind.ORDER, nowhere))
        caught(Refused, lambda: shown(stage).attachment("nothing"))
