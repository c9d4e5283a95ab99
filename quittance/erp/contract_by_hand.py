"""What an ERP adapter must see of what people do in the ERP by hand: money back, credit, discounts.

As ``contract.py``; the stage needs a clerk as well.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Protocol

from quittance.core.errors import OutcomeUnknown, Refused
from quittance.core.ids import new_id, new_number
from quittance.core.money import Money, total
from quittance.erp.base import (
    ApplicationInstruction,
    ApplicationLine,
    CreditKind,
    CreditRecord,
    InvoiceRecord,
    InvoiceStatus,
    PaymentInstruction,
    ReportsCredits,
    ReversalInstruction,
)
from quittance.erp.contract import Stage, caught, instruction_for, on_account


class ClerkStage(Stage, Protocol):
    """A stage with somebody who works in the ERP by hand."""

    customer_number: str  # of the customer of ``open_invoices``

    def reverse_by_hand(self, document_number: str) -> None:
        """Correct all of a posted payment under its own number, as the ERP does it."""

    def refund_by_hand(self, instruction: ReversalInstruction, amount: Money) -> None:
        """Follow ``how_to_reverse``, but with this amount."""

    def credit_by_hand(self, amount: Money) -> str:
        """Post a credit note for the customer of ``open_invoices``; return its number."""

    def apply_by_hand(self, instruction: ApplicationInstruction) -> None:
        """Follow ``how_to_apply``."""

    def discounted_invoice(self) -> InvoiceRecord:
        """Return an open invoice of which something may be taken off today."""


def reversal_of(
    payment: PaymentInstruction,
    stage: ClerkStage,
    *,
    amount: Money | None = None,
    taken_back: Money | None = None,
) -> ReversalInstruction:
    """Return the instruction to give back ``amount``, or all that is there, for the first lines."""
    posted = total((line.amount for line in payment.lines), payment.lines[0].amount.currency)
    before = taken_back or Money(0, posted.currency)
    asked = amount or posted - before
    reopens, left = [], asked
    for line in payment.lines:
        some = min(left, line.amount)
        if some.minor:
            reopens.append(dataclasses.replace(line, amount=some))
            left -= some
    return ReversalInstruction(
        posting_id=new_id(),
        document_number=new_number("R"),
        reverses=payment.document_number,
        customer_erp_id=payment.customer_erp_id,
        customer_number=stage.customer_number,
        posting_date=stage.today,
        amount=asked,
        why="refund",
        code="",
        whole=before + asked == posted,
        posted=posted,
        taken_back=before,
        reopens=reopens,
    )


def application_of(
    credit: CreditRecord, invoice: InvoiceRecord, amount: Money, stage: ClerkStage
) -> ApplicationInstruction:
    """Return the instruction to use ``amount`` of a credit for one invoice."""
    return ApplicationInstruction(
        posting_id=new_id(),
        document_number=new_number("A"),
        customer_number=stage.customer_number,
        lines=[
            ApplicationLine(
                credit_erp_id=credit.erp_id,
                credit_number=credit.number,
                credit_open=credit.open,
                invoice_erp_id=invoice.erp_id,
                invoice_number=invoice.number,
                invoice_open=invoice.open,
                amount=amount,
            )
        ],
    )


def post(stage: Stage, invoices: Sequence[InvoiceRecord]) -> PaymentInstruction:
    """Post a payment of all that is open on ``invoices``."""
    instruction = instruction_for(invoices, today=stage.today)
    stage.erp.post_draft(stage.erp.draft_payment(instruction, again=False))
    return instruction


def open_credits(stage: ClerkStage, customer_erp_id: str) -> dict[str, CreditRecord]:
    """Return a customer's open credit by its number."""
    assert isinstance(stage.erp, ReportsCredits)
    found = stage.erp.open_credits([customer_erp_id])
    assert {credit.customer_erp_id for credit in found} <= {customer_erp_id}
    return {credit.number: credit for credit in found}


class ByHandContract:
    """Reversals, credit and discounts: the ERP's people do it, the adapter sees it."""

    def test_a_reversal_under_its_own_number_is_found(self, stage: ClerkStage) -> None:
        invoices = stage.open_invoices(2)
        payment = post(stage, invoices)
        reversal = reversal_of(payment, stage)
        assert stage.erp.find_reversal(reversal) is None

        stage.refund_by_hand(reversal, reversal.amount)

        found = stage.erp.find_reversal(reversal)
        assert found is not None
        assert found.document_number == reversal.document_number
        assert found.posting_date == stage.today
        assert found.entry_numbers
        after = stage.erp.read_invoices([invoice.erp_id for invoice in invoices])
        assert [invoice.open for invoice in after] == [invoice.open for invoice in invoices]
        posted = stage.erp.find_posting(payment)
        assert posted is not None
        assert posted.taken_back is None  # its own entries stand

    def test_reversals_of_parts_are_told_apart(self, stage: ClerkStage) -> None:
        payment = post(stage, stage.open_invoices(1))
        some = Money(1000, stage.local_currency)
        first = reversal_of(payment, stage, amount=some)
        second = reversal_of(payment, stage, amount=some, taken_back=some)

        stage.refund_by_hand(first, some)

        assert stage.erp.find_reversal(first) is not None
        assert stage.erp.find_reversal(second) is None

    def test_another_amount_than_asked_for_is_refused(self, stage: ClerkStage) -> None:
        payment = post(stage, stage.open_invoices(1))
        reversal = reversal_of(payment, stage)

        stage.refund_by_hand(reversal, reversal.amount - Money(1, stage.local_currency))

        error = caught(Refused, lambda: stage.erp.find_reversal(reversal))
        assert reversal.document_number in str(error)

    def test_a_payment_corrected_under_its_own_number_is_seen_and_not_posted_again(
        self, stage: ClerkStage
    ) -> None:
        invoices = stage.open_invoices(2)
        payment = post(stage, invoices)
        reversal = reversal_of(payment, stage)

        stage.reverse_by_hand(payment.document_number)

        found = stage.erp.find_reversal(reversal)
        assert found is not None
        assert found.document_number == payment.document_number
        posted = stage.erp.find_posting(payment)
        assert posted is not None
        assert posted.taken_back == reversal.posted
        for again in (False, True):
            caught(OutcomeUnknown, lambda a=again: stage.erp.draft_payment(payment, again=a))  # type: ignore[misc]
        after = stage.erp.read_invoices([invoice.erp_id for invoice in invoices])
        assert [invoice.status for invoice in after] == [InvoiceStatus.OPEN] * 2

    def test_the_steps_of_a_reversal_name_all_that_is_to_be_typed(self, stage: ClerkStage) -> None:
        payment = post(stage, stage.open_invoices(2))
        part = Money(payment.lines[0].amount.minor + 5, stage.local_currency)
        for reversal in (reversal_of(payment, stage), reversal_of(payment, stage, amount=part)):
            steps = stage.erp.how_to_reverse(reversal)

            assert len(steps) > 1
            words = " ".join(steps)
            for told in (
                reversal.document_number,
                reversal.reverses,
                reversal.customer_number,
                reversal.posting_date.isoformat(),
                str(reversal.amount),
                *(line.invoice_number for line in reversal.reopens),
                *(str(line.amount) for line in reversal.reopens),
            ):
                assert told in words

    def test_a_credit_note_is_open_until_it_is_used_up(self, stage: ClerkStage) -> None:
        (invoice,) = stage.open_invoices(1)
        whole = Money(5000, stage.local_currency)
        number = stage.credit_by_hand(whole)
        credit = open_credits(stage, invoice.customer_erp_id)[number]
        assert (credit.kind, credit.total, credit.open) == (CreditKind.CREDIT_NOTE, whole, whole)

        part = Money(1234, stage.local_currency)
        stage.apply_by_hand(application_of(credit, invoice, part, stage))

        left = open_credits(stage, invoice.customer_erp_id)[number]
        assert (left.erp_id, left.total, left.open) == (credit.erp_id, whole, whole - part)
        (now,) = stage.erp.read_invoices([invoice.erp_id])
        assert now.open == invoice.open - part
        stage.apply_by_hand(application_of(left, now, left.open, stage))
        assert number not in open_credits(stage, invoice.customer_erp_id)

    def test_money_on_account_is_open_credit(self, stage: ClerkStage) -> None:
        (invoice,) = stage.open_invoices(1)
        extra = Money(4321, stage.local_currency)
        payment = on_account(instruction_for([invoice], today=stage.today), extra)

        stage.erp.post_draft(stage.erp.draft_payment(payment, again=False))

        credit = open_credits(stage, invoice.customer_erp_id)[payment.document_number]
        assert (credit.kind, credit.total, credit.open) == (CreditKind.PAYMENT, extra, extra)
        assert credit.issued_date == stage.today

    def test_the_steps_of_an_application_name_all_that_is_to_be_typed(
        self, stage: ClerkStage
    ) -> None:
        (invoice,) = stage.open_invoices(1)
        number = stage.credit_by_hand(Money(5000, stage.local_currency))
        credit = open_credits(stage, invoice.customer_erp_id)[number]
        instruction = application_of(credit, invoice, Money(1234, stage.local_currency), stage)

        words = " ".join(stage.erp.how_to_apply(instruction))

        for told in (
            number, invoice.number, instruction.document_number, stage.customer_number,
            str(instruction.lines[0].amount),
        ):  # fmt: skip
            assert told in words

    def test_an_invoice_is_paid_with_its_discount_taken_off(self, stage: ClerkStage) -> None:
        invoice = stage.discounted_invoice()
        assert invoice.discount is not None
        assert invoice.discount.minor > 0
        assert invoice.discount_until is not None
        assert invoice.discount_until >= stage.today
        paid = invoice.open - invoice.discount
        payment = instruction_for([invoice], today=stage.today, amounts=[paid])

        stage.erp.post_draft(stage.erp.draft_payment(payment, again=False))

        (after,) = stage.erp.read_invoices([invoice.erp_id])
        assert (after.status, after.open.minor) == (InvoiceStatus.PAID, 0)
        assert after.discount is None
        assert payment.document_number not in open_credits(stage, invoice.customer_erp_id)

    def test_without_a_discount_none_is_told(self, stage: ClerkStage) -> None:
        (invoice,) = stage.open_invoices(1)
        (read,) = stage.erp.read_invoices([invoice.erp_id])
        assert (read.discount, read.discount_until) == (None, None)
