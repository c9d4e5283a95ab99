"""What every ERP adapter must do: subclass ``ErpContract`` in a test and give it a stage.

::

    class TestBusinessCentral(ErpContract):
        @pytest.fixture
        def stage(self, sandbox: Running) -> Stage:
            return SandboxStage(sandbox)

The rules hold against the sandbox servers always and against a real tenant by hand. This module
knows no pytest, so it can be shipped with the product for adapters in packages of their own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from datetime import date
from enum import StrEnum
from typing import Protocol, TypeVar

from quittance.core.errors import (
    Misconfigured,
    OutcomeUnknown,
    OutsideError,
    Refused,
    Unavailable,
)
from quittance.core.ids import new_id, new_number
from quittance.core.money import Money
from quittance.erp.base import (
    Erp,
    InstructionLine,
    InvoiceRecord,
    InvoiceStatus,
    Page,
    PaymentInstruction,
)

ErrorT = TypeVar("ErrorT", bound=OutsideError)
RecordT = TypeVar("RecordT")


class Trouble(StrEnum):
    """What happens to a call that writes."""

    THROTTLED = "throttled"  # answers 429 with a Retry-After of 7 seconds
    LOST_BEFORE = "lost_before"  # the connection breaks, nothing was done
    LOST_AFTER = "lost_after"  # the connection breaks, it was done
    ERROR_AFTER = "error_after"  # answers 504, it was done
    LATE = "late"  # answers 504, and is done a moment later


class Step(StrEnum):
    """Which call the trouble meets: the next one that writes something of the draft, or posts."""

    DRAFT = "draft"
    POST = "post"


class Stage(Protocol):
    """What a test needs besides the adapter: books with open invoices, and the trouble."""

    erp: Erp
    local_currency: str
    today: date

    def another_worker(self) -> Erp: ...

    def with_wrong_secret(self) -> Erp: ...

    def unreachable(self) -> Erp: ...

    def open_invoices(self, count: int) -> Sequence[InvoiceRecord]:
        """Return open invoices of one customer in the local currency that no test has used."""

    def trouble(self, kind: Trouble, step: Step) -> None:
        """Prepare trouble for the next call of this kind."""

    def wait_for_what_is_late(self) -> None:
        """Return when nothing that was sent can be under way any more."""


def instruction_for(
    invoices: Sequence[InvoiceRecord], *, today: date, amounts: Sequence[Money] = ()
) -> PaymentInstruction:
    """Return a payment of all that is open on ``invoices``, or of ``amounts``."""
    paid = amounts or [invoice.open for invoice in invoices]
    return PaymentInstruction(
        posting_id=new_id(),
        document_number=new_number("P"),
        external_reference="pay_1",
        customer_erp_id=invoices[0].customer_erp_id,
        posting_date=today,
        description="Card payment",
        lines=[
            InstructionLine(
                line_number=10_000 * place,
                invoice_erp_id=invoice.erp_id,
                invoice_number=invoice.number,
                amount=amount,
            )
            for place, (invoice, amount) in enumerate(zip(invoices, paid, strict=True), start=1)
        ],
    )


def on_account(instruction: PaymentInstruction, amount: Money) -> PaymentInstruction:
    """Return ``instruction`` with one more line, for money that pays no invoice."""
    line = dataclasses.replace(
        instruction.lines[-1],
        line_number=instruction.lines[-1].line_number + 10_000,
        invoice_erp_id="",
        invoice_number="",
        amount=amount,
    )
    return dataclasses.replace(instruction, lines=[*instruction.lines, line])


def caught(error: type[ErrorT], call: Callable[[], object]) -> ErrorT:
    """Call, and return the error of this class."""
    try:
        answer = call()
    except error as raised:
        return raised
    raise AssertionError(f"{error.__name__} was not raised, but this came back: {answer}")


def all_of(read: Callable[[str], Page[RecordT]]) -> tuple[list[RecordT], str]:
    """Read to the end of a run and return the records and the last cursor."""
    records: list[RecordT] = []
    cursor = ""
    for _ in range(10_000):
        page = read(cursor)
        records += page.records
        cursor = page.cursor
        if not page.more:
            return records, cursor
    raise AssertionError("The pages do not end.")


class ErpContract:
    """The deeds of the port, and the four ways in which they fail."""

    def test_check_returns_the_name_of_the_legal_entity(self, stage: Stage) -> None:
        assert stage.erp.check().strip()

    def test_a_wrong_secret_is_misconfigured(self, stage: Stage) -> None:
        caught(Misconfigured, stage.with_wrong_secret().check)
        caught(Misconfigured, lambda: stage.with_wrong_secret().customers(""))

    def test_no_connection_means_that_nothing_was_done(self, stage: Stage) -> None:
        instruction = instruction_for(stage.open_invoices(1), today=stage.today)

        caught(Unavailable, lambda: stage.unreachable().invoices(""))
        caught(Unavailable, lambda: stage.unreachable().draft_payment(instruction, again=False))

    def test_customers_and_invoices_come_the_earliest_change_first(self, stage: Stage) -> None:
        customers, _ = all_of(stage.erp.customers)
        invoices, _ = all_of(stage.erp.invoices)

        for moments in (
            [customer.changed_at for customer in customers],
            [invoice.changed_at for invoice in invoices],
        ):
            assert moments
            assert moments == sorted(moments)
        known = {customer.erp_id for customer in customers}
        assert {invoice.customer_erp_id for invoice in invoices} <= known

    def test_a_finished_run_waits_for_later_changes(self, stage: Stage) -> None:
        everything, cursor = all_of(stage.erp.invoices)

        page = stage.erp.invoices(cursor)

        assert not page.more
        assert len(page.records) < len(everything)

    def test_open_invoices_are_open(self, stage: Stage) -> None:
        found, _ = all_of(stage.erp.open_invoices)

        assert found
        assert {invoice.status for invoice in found} == {InvoiceStatus.OPEN}

    def test_an_invoice_is_read_again_and_an_absent_one_is_left_out(self, stage: Stage) -> None:
        first, second = stage.open_invoices(2)

        found = stage.erp.read_invoices([second.erp_id, str(new_id()), first.erp_id])

        assert [invoice.erp_id for invoice in found] == [second.erp_id, first.erp_id]
        assert [invoice.open for invoice in found] == [second.open, first.open]
        assert list(stage.erp.read_invoices([])) == []

    def test_lines_are_in_order_and_add_up(self, stage: Stage) -> None:
        invoice = stage.open_invoices(1)[0]

        lines = stage.erp.invoice_lines(invoice.erp_id)

        assert [line.sequence for line in lines] == sorted(line.sequence for line in lines)
        net = sum(line.amount.minor for line in lines)
        assert net == (invoice.total - invoice.tax).minor

    def test_the_print_of_an_invoice_is_a_pdf(self, stage: Stage) -> None:
        assert stage.erp.invoice_pdf(stage.open_invoices(1)[0].erp_id).startswith(b"%PDF-")

    def test_a_payment_is_drafted_posted_and_found(self, stage: Stage) -> None:
        invoices = stage.open_invoices(3)
        part = Money(invoices[2].open.minor // 2, stage.local_currency)
        instruction = instruction_for(
            invoices, today=stage.today, amounts=[invoices[0].open, invoices[1].open, part]
        )
        assert stage.erp.find_posting(instruction) is None
        assert stage.erp.find_draft(instruction) is None
        before = stage.erp.ledger_position()

        draft = stage.erp.draft_payment(instruction, again=False)
        assert stage.erp.find_posting(instruction) is None
        assert stage.erp.find_draft(instruction) is not None
        stage.erp.post_draft(draft)

        posted = stage.erp.find_posting(instruction)
        assert posted is not None
        assert posted.document_number == instruction.document_number
        assert posted.posting_date == stage.today
        assert posted.entry_numbers
        assert stage.erp.find_draft(instruction) is None
        assert stage.erp.ledger_position() != before
        after = stage.erp.read_invoices([invoice.erp_id for invoice in invoices])
        assert [invoice.status for invoice in after] == ["paid", "paid", "open"]
        assert after[2].open == invoices[2].open - part

    def test_drafting_twice_is_one_draft(self, stage: Stage) -> None:
        invoices = stage.open_invoices(2)
        instruction = instruction_for(invoices, today=stage.today)

        first = stage.erp.draft_payment(instruction, again=False)
        second = stage.another_worker().draft_payment(instruction, again=False)

        assert first.erp_id == second.erp_id
        assert_posted_once(stage, instruction, invoices)

    def test_a_draft_that_was_posted_posts_nothing_again(self, stage: Stage) -> None:
        instruction = instruction_for(stage.open_invoices(1), today=stage.today)
        draft = stage.erp.draft_payment(instruction, again=False)
        stage.erp.post_draft(draft)
        position = stage.erp.ledger_position()

        for call in (
            lambda: stage.erp.post_draft(draft),
            lambda: stage.erp.draft_payment(instruction, again=False),
            lambda: stage.erp.draft_payment(instruction, again=True),
        ):
            try:
                call()
            except (Unavailable, OutcomeUnknown):
                continue  # both say: look into the ledger first

        assert stage.erp.ledger_position() == position

    def test_a_posted_payment_leaves_nothing_behind_once_it_is_tidied(self, stage: Stage) -> None:
        instruction = instruction_for(stage.open_invoices(1), today=stage.today)
        stage.erp.post_draft(stage.erp.draft_payment(instruction, again=False))

        stage.erp.shut_draft(instruction)
        stage.erp.shut_draft(instruction)
        stage.erp.remove_draft(instruction)
        stage.erp.remove_draft(instruction)
        stage.erp.shut_draft(instruction)  # there is nothing left to shut

        assert stage.erp.find_posting(instruction) is not None
        caught(OutcomeUnknown, lambda: stage.erp.draft_payment(instruction, again=True))

    def test_a_posting_that_differs_from_the_instruction_is_refused(self, stage: Stage) -> None:
        instruction = instruction_for(stage.open_invoices(1), today=stage.today)
        stage.erp.post_draft(stage.erp.draft_payment(instruction, again=False))
        line = instruction.lines[0]
        more = dataclasses.replace(line, amount=line.amount + Money(1, stage.local_currency))
        other = dataclasses.replace(instruction, lines=[more])

        error = caught(Refused, lambda: stage.erp.find_posting(other))

        assert instruction.document_number in str(error)

    def test_a_draft_that_differs_from_the_instruction_is_refused(self, stage: Stage) -> None:
        instruction = instruction_for(stage.open_invoices(1), today=stage.today)
        stage.erp.draft_payment(instruction, again=False)
        line = dataclasses.replace(instruction.lines[0], amount=Money(1, stage.local_currency))
        other = dataclasses.replace(instruction, lines=[line])

        caught(Refused, lambda: stage.erp.draft_payment(other, again=False))

    def test_money_on_account_is_posted_and_pays_no_invoice(self, stage: Stage) -> None:
        invoice, other = stage.open_invoices(2)
        extra = Money(777, stage.local_currency)
        instruction = on_account(instruction_for([invoice], today=stage.today), extra)

        draft = stage.erp.draft_payment(instruction, again=False)
        assert stage.another_worker().draft_payment(instruction, again=False).erp_id == draft.erp_id
        stage.erp.post_draft(draft)

        assert stage.erp.find_posting(instruction) is not None  # it refuses another total
        paid, untouched = stage.erp.read_invoices([invoice.erp_id, other.erp_id])
        assert (paid.status, untouched.open) == (InvoiceStatus.PAID, other.open)

    def test_a_draft_for_an_invoice_is_no_draft_on_account(self, stage: Stage) -> None:
        first, second = stage.open_invoices(2)
        for invoice, drafted_on_account in ((first, False), (second, True)):
            to_invoice = instruction_for([invoice], today=stage.today)
            line = dataclasses.replace(to_invoice.lines[0], invoice_erp_id="", invoice_number="")
            alone = dataclasses.replace(to_invoice, lines=[line])
            drafted, asked = (alone, to_invoice) if drafted_on_account else (to_invoice, alone)
            stage.erp.draft_payment(drafted, again=False)

            caught(Refused, lambda i=asked: stage.erp.draft_payment(i, again=False))  # type: ignore[misc]

    def test_what_cannot_be_right_is_refused(self, stage: Stage) -> None:
        invoice = stage.open_invoices(1)[0]
        good = instruction_for([invoice], today=stage.today)
        nothing = dataclasses.replace(good.lines[0], amount=Money(0, stage.local_currency))
        for wrong in (
            dataclasses.replace(good, lines=[]),
            dataclasses.replace(good, lines=[nothing]),
            dataclasses.replace(good, lines=[good.lines[0], good.lines[0]]),
            dataclasses.replace(good, document_number="P" * 21),
            dataclasses.replace(good, customer_erp_id="nobody"),
        ):
            caught(Refused, lambda wrong=wrong: stage.erp.draft_payment(wrong, again=True))  # type: ignore[misc]

    def test_a_paid_invoice_is_refused_in_the_erps_own_words(self, stage: Stage) -> None:
        invoices = stage.open_invoices(1)
        first = instruction_for(invoices, today=stage.today)
        second = instruction_for(invoices, today=stage.today)
        stage.erp.post_draft(stage.erp.draft_payment(first, again=False))

        def pay_again() -> None:
            stage.erp.post_draft(stage.erp.draft_payment(second, again=False))

        assert str(caught(Refused, pay_again))
        assert stage.erp.find_posting(second) is None

    def test_a_throttled_call_did_nothing_and_says_when_to_come_back(self, stage: Stage) -> None:
        invoices = stage.open_invoices(1)
        instruction = instruction_for(invoices, today=stage.today)
        stage.trouble(Trouble.THROTTLED, Step.DRAFT)

        error = caught(Unavailable, lambda: stage.erp.draft_payment(instruction, again=False))

        assert error.retry_after_seconds == 7
        assert_posted_once(stage, instruction, invoices)

    def test_whatever_happens_to_a_draft_it_is_posted_once(self, stage: Stage) -> None:
        for kind in (Trouble.LOST_BEFORE, Trouble.LOST_AFTER, Trouble.ERROR_AFTER, Trouble.LATE):
            invoices = stage.open_invoices(2)
            instruction = instruction_for(invoices, today=stage.today)
            stage.trouble(kind, Step.DRAFT)

            caught(OutcomeUnknown, lambda i=instruction: stage.erp.draft_payment(i, again=False))  # type: ignore[misc]

            assert_posted_once(stage, instruction, invoices)

    def test_whatever_happens_to_a_post_it_is_posted_once(self, stage: Stage) -> None:
        for kind in (Trouble.LOST_BEFORE, Trouble.LOST_AFTER, Trouble.ERROR_AFTER, Trouble.LATE):
            invoices = stage.open_invoices(2)
            instruction = instruction_for(invoices, today=stage.today)
            draft = stage.erp.draft_payment(instruction, again=False)
            stage.trouble(kind, Step.POST)

            caught(OutcomeUnknown, lambda d=draft: stage.erp.post_draft(d))  # type: ignore[misc]

            assert_posted_once(stage, instruction, invoices)


def post_like_the_posting_room(erp: Erp, instruction: PaymentInstruction, *, again: bool) -> None:
    """Look, draft, post. May raise what the adapter raises; the next run looks first again."""
    if erp.find_posting(instruction) is None:
        erp.post_draft(erp.draft_payment(instruction, again=again))


def assert_posted_once(
    stage: Stage, instruction: PaymentInstruction, invoices: Sequence[InvoiceRecord]
) -> None:
    """Let workers try until it is posted, then see that every invoice was paid just once.

    ``invoices`` are those of the instruction as they were before anything was sent.
    """
    for _ in range(5):
        try:
            post_like_the_posting_room(stage.another_worker(), instruction, again=False)
        except (Unavailable, OutcomeUnknown):
            stage.wait_for_what_is_late()
    stage.wait_for_what_is_late()
    for _ in range(2):
        post_like_the_posting_room(stage.another_worker(), instruction, again=True)
    assert stage.erp.find_posting(instruction) is not None  # it refuses another total
    after = stage.erp.read_invoices([invoice.erp_id for invoice in invoices])
    for line, was, is_ in zip(instruction.lines, invoices, after, strict=True):
        assert was.open - is_.open == line.amount, f"{was.number} was paid with another amount"
