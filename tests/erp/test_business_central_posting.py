"""A payment is posted once: workers die, sleep and run side by side at every step."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest

from quittance.core.errors import OutcomeUnknown, OutsideError, Refused, Unavailable
from quittance.core.ids import new_number
from quittance.core.money import Money
from quittance.erp.base import Erp, PaymentInstruction
from quittance.erp.contract import post_like_the_posting_room
from quittance.erp.registry import open_erp
from tests.erp.books import Books
from tests.erp.stage import SandboxStage, settings_of

REQUESTS = 13  # of a whole road: look, draft three lines, read back, look, claim, post, shut


@pytest.fixture
def stage(business_central: SandboxStage) -> SandboxStage:
    return business_central


@pytest.fixture(scope="module")
def books(business_central: SandboxStage) -> Books:
    return Books(business_central)


class Killed(BaseException):
    """The worker is gone: no except clause of ours sees it."""


@contextmanager
def worker(
    stage: SandboxStage,
    *,
    before: Callable[[int], None] = lambda _: None,
    after: Callable[[int], None] = lambda _: None,
) -> Iterator[Erp]:
    """A worker with a token; the hooks are called with each request's place, from 1."""
    # Loading the certificates of the world takes a tenth of a second, and here there is no https.
    with httpx.Client(verify=False, trust_env=False) as client:
        erp = open_erp("business_central", settings_of(stage.running), client)
        erp.ledger_position()  # signs in
        sent = 0

        def count(_: httpx.Request) -> None:
            nonlocal sent
            sent += 1
            before(sent)

        client.event_hooks = {"request": [count], "response": [lambda _: after(sent)]}
        yield erp


def recover(stage: SandboxStage, instruction: PaymentInstruction) -> None:
    """What the posting room does next: at once, and again when nothing can be under way."""
    try:
        post_like_the_posting_room(stage.another_worker(), instruction, again=False)
    except (Unavailable, OutcomeUnknown):
        post_like_the_posting_room(stage.another_worker(), instruction, again=True)


@pytest.mark.failure("F40")
@pytest.mark.parametrize("place", range(1, REQUESTS + 1))
def test_a_worker_killed_before_any_request_leaves_one_posting(
    stage: SandboxStage, books: Books, place: int
) -> None:
    def die(sent: int) -> None:
        if sent == place:
            raise Killed

    instruction = books.payment()
    with books.posts_once(instruction):
        with worker(stage, before=die) as erp, pytest.raises(Killed):
            post_like_the_posting_room(erp, instruction, again=False)
        recover(stage, instruction)


@pytest.mark.parametrize("place", range(1, REQUESTS + 1))
def test_a_worker_killed_before_any_answer_leaves_one_posting(
    stage: SandboxStage, books: Books, place: int
) -> None:
    def die(sent: int) -> None:
        if sent == place:
            raise Killed

    instruction = books.payment()
    with books.posts_once(instruction):
        with worker(stage, after=die) as erp, pytest.raises(Killed):
            post_like_the_posting_room(erp, instruction, again=False)
        recover(stage, instruction)


def test_a_road_has_as_many_requests_as_the_tests_kill(stage: SandboxStage, books: Books) -> None:
    places: list[int] = []
    instruction = books.payment()

    with books.posts_once(instruction), worker(stage, before=places.append) as erp:
        post_like_the_posting_room(erp, instruction, again=False)

    assert places[-1] == REQUESTS


class Sleeper:
    """A worker that falls asleep before its request number ``place`` until it is woken."""

    def __init__(self, stage: SandboxStage, instruction: PaymentInstruction, place: int) -> None:
        self.asleep, self._wake = threading.Event(), threading.Event()
        self.error: OutsideError | None = None
        self._place = place
        self._thread = threading.Thread(target=self._work, args=(stage, instruction))
        self._thread.start()
        assert self.asleep.wait(10)

    def wake(self) -> None:
        self._wake.set()
        self._thread.join(10)
        assert not self._thread.is_alive()

    def _work(self, stage: SandboxStage, instruction: PaymentInstruction) -> None:
        def sleep(sent: int) -> None:
            if sent == self._place:
                self.asleep.set()
                self._wake.wait(10)

        with worker(stage, before=sleep) as erp:
            try:
                post_like_the_posting_room(erp, instruction, again=False)
            except OutsideError as error:
                self.error = error


@pytest.mark.parametrize("place", range(1, REQUESTS + 1))
def test_a_worker_that_slept_while_another_did_it_all_posts_nothing(
    stage: SandboxStage, books: Books, place: int
) -> None:
    instruction = books.payment()
    with books.posts_once(instruction):
        sleeper = Sleeper(stage, instruction, place)
        recover(stage, instruction)
        sleeper.wake()
        post_like_the_posting_room(stage.another_worker(), instruction, again=True)

    assert sleeper.error is None or isinstance(sleeper.error, Unavailable | OutcomeUnknown)


@pytest.mark.parametrize("place", range(3, REQUESTS + 1))
def test_a_worker_that_slept_until_the_journal_was_removed_posts_nothing(
    stage: SandboxStage, books: Books, place: int
) -> None:
    instruction = books.payment()
    with books.posts_once(instruction):
        sleeper = Sleeper(stage, instruction, place)
        recover(stage, instruction)
        stage.erp.remove_draft(instruction)
        sleeper.wake()
        post_like_the_posting_room(stage.another_worker(), instruction, again=True)


@pytest.mark.parametrize("place", [12, 13, 14])  # before it claims, checks, posts
def test_a_line_that_came_after_the_post_is_not_posted_by_one_that_slept(
    stage: SandboxStage, books: Books, place: int
) -> None:
    instruction = books.payment()
    with books.posts_once(instruction):
        adding = Sleeper(stage, instruction, 6)  # before its second line
        posting = Sleeper(stage, instruction, place)  # it has found the first and added the rest
        recover(stage, instruction)
        adding.wake()
        posting.wake()

    assert isinstance(posting.error, Unavailable)


def test_lines_that_vanished_after_a_post_was_sent_are_not_added_while_it_may_be_under_way(
    stage: SandboxStage, books: Books
) -> None:
    def die(sent: int) -> None:
        if sent == REQUESTS - 1:  # the post
            raise Killed

    instruction = books.payment()
    with books.posts_once(instruction):
        with worker(stage, before=die) as erp, pytest.raises(Killed):
            post_like_the_posting_room(erp, instruction, again=False)
        stage.clerk("delete-draft", document=instruction.document_number)

        with pytest.raises(OutcomeUnknown, match="sent to be posted"):
            stage.erp.draft_payment(instruction, again=False)
        post_like_the_posting_room(stage.erp, instruction, again=True)


@pytest.mark.failure("F42")
@pytest.mark.parametrize("place", [5, 6, 7])  # each line's 201
def test_lines_that_were_taken_and_then_rolled_back_are_not_believed(
    stage: SandboxStage, books: Books, place: int
) -> None:
    instruction = books.payment()

    def roll_back(sent: int) -> None:
        if sent == place:
            stage.clerk("delete-draft", document=instruction.document_number)

    with worker(stage, after=roll_back) as erp:
        erp.find_posting(instruction)
        with pytest.raises(OutcomeUnknown, match="lost lines while we were adding them"):
            erp.draft_payment(instruction, again=False)
    assert stage.erp.find_posting(instruction) is None
    with books.posts_once(instruction):
        recover(stage, instruction)


def test_workers_side_by_side_post_once(stage: SandboxStage, books: Books) -> None:
    instruction = books.payment()

    def work(_: int) -> None:
        erp = stage.another_worker()
        for _ in range(6):
            try:
                return post_like_the_posting_room(erp, instruction, again=False)
            except (Unavailable, OutcomeUnknown):
                continue
        return None

    with books.posts_once(instruction), ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))


def test_a_line_that_somebody_changed_is_not_posted(stage: SandboxStage, books: Books) -> None:
    instruction = books.payment()
    first = instruction.lines[0]
    mistaken = dataclasses.replace(first, amount=first.amount + Money(1, "USD"))
    erp = stage.another_worker()
    erp.draft_payment(dataclasses.replace(instruction, lines=[mistaken]), again=False)

    with pytest.raises(Refused, match=r"Line 10000 of payment journal [A-Z]{10} is not as we sent"):
        erp.draft_payment(instruction, again=True)
    assert erp.find_posting(instruction) is None


def test_a_line_number_that_something_hidden_has_taken_is_refused(
    stage: SandboxStage, books: Books
) -> None:
    instruction = books.payment()
    post_like_the_posting_room(stage.erp, instruction, again=False)
    # The post left an empty line 10000 behind. It does not show among the customer's payments.
    other = dataclasses.replace(instruction, document_number=new_number("P"))

    with pytest.raises(Refused, match=r"Line 10000 .* is taken by a line that is no payment"):
        stage.erp.draft_payment(other, again=True)
    assert stage.erp.find_posting(other) is None


def test_a_customer_of_another_currency_is_refused_before_anything_is_written(
    stage: SandboxStage, books: Books
) -> None:
    euro = next(each for each in stage.customers() if each.currency == "EUR")
    instruction = dataclasses.replace(books.payment(), customer_erp_id=euro.erp_id)

    with pytest.raises(Refused, match=f"payments of customer {euro.number} in EUR"):
        stage.erp.draft_payment(instruction, again=False)
    assert stage.erp.find_draft(instruction) is None


def test_a_released_draft_is_no_open_invoice_when_money_is_at_stake(stage: SandboxStage) -> None:
    listed = stage.all_open()

    read = stage.erp.read_invoices([invoice.erp_id for invoice in listed])

    assert {invoice.status for invoice in listed} == {"open"}
    assert {invoice.status for invoice in read} == {"open", "draft"}


def test_a_post_that_was_refused_is_posted_when_the_cause_is_mended(
    stage: SandboxStage, books: Books
) -> None:
    instruction = books.payment()
    draft = stage.erp.draft_payment(instruction, again=False)
    stage.control("POST", "/clerk/posting-range", {"from": "2001-01-01", "to": "2001-12-31"})

    with pytest.raises(Refused, match="range of allowed posting dates"):
        stage.erp.post_draft(draft)
    assert stage.erp.find_posting(instruction) is None

    stage.control("POST", "/clerk/posting-range", {"from": "", "to": ""})
    with books.posts_once(instruction):
        post_like_the_posting_room(stage.another_worker(), instruction, again=False)
