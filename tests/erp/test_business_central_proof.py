"""What a posting proves itself by, and companies that post otherwise than at once."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from quittance.core.errors import Refused
from quittance.core.money import Money
from quittance.erp.contract import instruction_for, post_like_the_posting_room
from tests.erp.books import Books
from tests.erp.stage import SandboxStage


@pytest.fixture
def stage(business_central: SandboxStage) -> SandboxStage:
    return business_central


@pytest.fixture(scope="module")
def books(business_central: SandboxStage) -> Books:
    return Books(business_central)


def test_a_payment_in_a_foreign_currency_is_proven_by_its_entries(stage: SandboxStage) -> None:
    euro = next(each for each in stage.customers() if each.currency == "EUR")
    invoice = next(
        each
        for each in stage.all_open()
        if each.customer_erp_id == euro.erp_id and each.due_date < stage.today
    )
    instruction = instruction_for([invoice], today=stage.today, amounts=[Money(1234, "EUR")])

    post_like_the_posting_room(stage.erp, instruction, again=False)

    posted = stage.erp.find_posting(instruction)
    assert posted is not None
    assert posted.posting_date == stage.today
    (after,) = stage.erp.read_invoices([invoice.erp_id])
    assert after.open == invoice.open - Money(1234, "EUR")
    another_day = dataclasses.replace(instruction, posting_date=invoice.issued_date)
    with pytest.raises(Refused, match="on another day"):
        stage.erp.find_posting(another_day)
    more = dataclasses.replace(instruction.lines[0], amount=Money(1235, "EUR"))
    with pytest.raises(Refused, match=r"with 12\.34 in the customer ledger, not with 12\.35"):
        stage.erp.find_posting(dataclasses.replace(instruction, lines=[more]))


@pytest.mark.failure("F42")
def test_a_payment_that_is_posted_for_another_customer_is_not_taken_for_ours(
    stage: SandboxStage, books: Books
) -> None:
    ours = books.payment()
    invoice = next(
        each
        for each in stage.all_open()
        if each.customer_erp_id != ours.customer_erp_id and each.open.currency == "USD"
        and each.due_date < stage.today and each.open.minor > 603
    )  # fmt: skip
    asked = instruction_for([invoice], today=stage.today, amounts=[Money(603, "USD")])
    theirs = dataclasses.replace(asked, document_number=ours.document_number)
    post_like_the_posting_room(stage.erp, theirs, again=False)

    with pytest.raises(Refused, match="is posted for customer C-"):
        stage.erp.find_posting(ours)

    blind = stage.open(ledger_service="")  # the general ledger alone cannot tell
    assert blind.find_posting(ours) is not None


@contextmanager
def set_up(stage: SandboxStage, **switches: object) -> Iterator[None]:
    """The company set up otherwise for a while."""
    before = stage.control("GET", "/company/switches")
    stage.control("POST", "/company/switches", switches)
    try:
        yield
    finally:
        stage.control("POST", "/company/switches", before)


@pytest.mark.failure("F42")
def test_a_post_that_was_only_put_in_a_queue_is_not_believed_and_not_doubled(
    stage: SandboxStage, books: Books
) -> None:
    instruction = books.payment()
    with (
        set_up(stage, post_with_job_queue=True, job_queue_seconds=1),
        books.posts_once(instruction),
    ):
        post_like_the_posting_room(stage.erp, instruction, again=False)
        answered = stage.erp.find_posting(instruction)
        jobs = stage.control("GET", "/jobs")["jobs"]
        post_like_the_posting_room(stage.another_worker(), instruction, again=True)
        deadline = time.monotonic() + 60
        while stage.erp.find_posting(instruction) is None and time.monotonic() < deadline:
            time.sleep(0.1)

    waited = {
        each["status"] for each in jobs if each["documentNumber"] == instruction.document_number
    }
    assert (answered is None) or waited != {"Ready"}


def test_lines_that_wait_for_approval_are_posted_by_the_retry_after_it(
    stage: SandboxStage, books: Books
) -> None:
    instruction = books.payment()
    with set_up(stage, journal_approval=True):
        with pytest.raises(Refused, match="requires approval"):
            post_like_the_posting_room(stage.erp, instruction, again=False)
        draft = stage.erp.find_draft(instruction)
        assert draft is not None
        journals = stage.as_another_client("customerPaymentJournals", f"id eq {draft.erp_id}", {})
        stage.clerk("approve-batch", batch=journals[0]["code"])

        with books.posts_once(instruction):
            post_like_the_posting_room(stage.another_worker(), instruction, again=False)
