"""A brand's tone changes a few sentences, in every language."""

from __future__ import annotations

import pytest

from quittance.branding.models import Brand
from quittance.core.languages import LANGUAGES
from quittance.ui.language import speaking
from quittance.ui.tone import in_tone


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("which", ["paid", "welcome", "nothing_owed"])
def test_each_tone_has_a_sentence_of_its_own(which: str, language: str) -> None:
    with speaking(language):
        said = {in_tone(which, tone, seller="Northwind") for tone in Brand.Tone.values}

    assert len(said) == 3
    assert all("%" not in each for each in said)


def test_an_unknown_tone_is_plain() -> None:
    assert in_tone("paid", "shouted") == "Paid"
