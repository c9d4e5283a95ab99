"""Every language counts as its speakers do."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from quittance.ui.days import due_hint
from quittance.ui.language import speaking


@pytest.mark.parametrize(
    ("language", "days", "said"),
    [
        ("ar", 1, "متأخرة يومًا واحدًا"),
        ("ar", 2, "متأخرة يومين"),
        ("ar", 7, "متأخرة 7 أيام"),
        ("ar", 11, "متأخرة 11 يومًا"),
        ("ar", 100, "متأخرة 100 يوم"),
        ("de", 1, "1 Tag überfällig"),
        ("de", 2, "2 Tage überfällig"),
        ("fr", 1, "1 jour de retard"),
        ("es", 2, "2 días de retraso"),
        ("en", 2, "2 days late"),
    ],
)
def test_days_are_counted_in_every_form_of_a_language(language: str, days: int, said: str) -> None:
    today = date(2026, 3, 15)

    with speaking(language):
        assert due_hint(today - timedelta(days=days), today) == said
