"""What was done to a color is said in words."""

from __future__ import annotations

import pytest

from quittance.branding.repairs import repairs_of


def test_a_color_that_can_be_read_is_used_as_it_is() -> None:
    assert repairs_of("#0b5563").sentences == []


def test_a_yellow_one_says_why_labels_are_dark_and_buttons_have_an_edge() -> None:
    found = " ".join(repairs_of("#ffe14d").sentences)

    assert "Button labels are dark" in found
    assert "an edge" in found
    assert "darker shade" in found


@pytest.mark.parametrize("accent", ["#ffffff", "#000000", "#ffb81c", "#e11d48", "#3CB371"])
def test_what_is_reported_is_never_less_than_what_is_needed(accent: str) -> None:
    found = repairs_of(accent)

    assert found.button >= 4.5
    assert found.link >= 4.5
    assert found.edge >= 3
