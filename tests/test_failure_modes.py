"""Every failure mode of the page has a test that carries its id, or stands in a list of debts."""

from __future__ import annotations

import re

from docs.failure_modes import PAGE, ids_on, marked_tests, written
from docs.failure_modes import tests_on as named_on  # a name that is not collected as a test

# What no test shows yet. It only ever gets shorter: an id that has a test must leave it.
NOT_YET: frozenset[str] = frozenset()
AGAIN = "run: python -m docs.failure_modes"


def test_the_page_knows_sixty_failure_modes_in_their_order() -> None:
    assert ids_on(PAGE.read_text("utf-8")) == [f"F{number:02}" for number in range(1, 61)]


def test_every_failure_mode_has_a_test_but_the_debts_and_no_debt_has_one() -> None:
    known = set(ids_on(PAGE.read_text("utf-8")))
    shown = set(marked_tests())

    assert known - shown == NOT_YET, "an id without a test is a debt; one with a test is none"


def test_no_mark_names_a_failure_mode_that_is_not_on_the_page() -> None:
    assert set(marked_tests()) - set(ids_on(PAGE.read_text("utf-8"))) == set()


def test_the_page_names_tests_that_are_there_and_carry_the_mark() -> None:
    marked = marked_tests()
    named = named_on(PAGE.read_text("utf-8"))

    gone = {
        failure_id: set(tests) - set(marked.get(failure_id, []))
        for failure_id, tests in named.items()
    }
    assert {failure_id: tests for failure_id, tests in gone.items() if tests} == {}, AGAIN


def test_the_page_names_a_test_for_every_failure_mode_that_has_one() -> None:
    named = named_on(PAGE.read_text("utf-8"))

    assert {failure_id for failure_id in marked_tests() if not named[failure_id]} == set(), AGAIN


def test_writing_the_page_anew_changes_no_word_of_ours() -> None:
    def words(page: str) -> list[str]:
        return re.findall(r"^\| (F\d\d \| .*? \| .*?) \|", page, flags=re.MULTILINE)

    page = PAGE.read_text("utf-8")

    assert words(written(page)) == words(page)
