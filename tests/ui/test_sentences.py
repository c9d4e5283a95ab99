"""People read sentences; the words of gateways and ERPs stay with the AR team."""

from __future__ import annotations

import pytest

from quittance.core.errors import Misconfigured, OutcomeUnknown, Refused, RuleBroken, Unavailable
from quittance.gateways.base import REASONS
from quittance.ui.sentences import REASONS as WORDS
from quittance.ui.sentences import sentence_for, sentence_for_reason


@pytest.mark.parametrize("kind", [Refused, Misconfigured, Unavailable])
def test_an_outside_error_says_that_nothing_was_charged_and_hides_the_rest(
    kind: type[Refused],
) -> None:
    sentence = sentence_for(kind("api key sk_live_123 at gw.internal"))

    assert "not charged" in sentence
    assert "sk_live" not in sentence


def test_an_unknown_outcome_says_not_to_pay_again() -> None:
    assert "Do not pay again" in sentence_for(OutcomeUnknown("socket closed"))


def test_a_broken_rule_is_told_in_its_own_words() -> None:
    assert sentence_for(RuleBroken("$50.00 is open.")) == "$50.00 is open."


def test_every_reason_that_gateways_share_has_a_sentence() -> None:
    assert set(WORDS) == REASONS
    assert sentence_for_reason("something new")


def test_fraud_looks_like_any_other_decline() -> None:
    assert sentence_for_reason("fraud") == sentence_for_reason("declined")
