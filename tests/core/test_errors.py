"""Errors say what happened, and keep facts for the log."""

from __future__ import annotations

from quittance.core.errors import OutcomeUnknown, OutsideError, RuleBroken, Unavailable


def test_an_error_without_words_says_what_its_class_says() -> None:
    assert str(OutcomeUnknown()).startswith("It may have acted.")


def test_an_error_keeps_its_facts_apart_from_its_words() -> None:
    error = RuleBroken("No.", invoice="INV-1")

    assert str(error) == "No."
    assert error.facts == {"invoice": "INV-1"}


def test_unavailable_says_when_to_come_back() -> None:
    assert Unavailable("Later.", retry_after_seconds=7).retry_after_seconds == 7
    assert Unavailable().retry_after_seconds is None


def test_a_broken_rule_is_no_outside_error() -> None:
    assert not issubclass(RuleBroken, OutsideError)
