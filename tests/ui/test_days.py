"""Days and ages in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from quittance.ui.days import age, due_hint, format_clock, format_day

TODAY = date(2026, 3, 12)
NOW = datetime(2026, 3, 12, 18, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "words"),
    [(0, "today"), (1, "in 1 day"), (3, "in 3 days"), (-1, "1 day late"), (-12, "12 days late")],
)
def test_a_due_date_says_how_far_it_is(days: int, words: str) -> None:
    assert due_hint(TODAY + timedelta(days=days), TODAY) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (5, "just now"),
        (60, "1 minute ago"),
        (3599, "59 minutes ago"),
        (7200, "2 hours ago"),
        (3 * 86400, "3 days ago"),
    ],
)
def test_an_age_is_told_in_its_largest_unit(seconds: int, words: str) -> None:
    assert age(NOW - timedelta(seconds=seconds), NOW) == words


def test_a_moment_is_shown_in_the_zone_of_the_books() -> None:
    assert format_clock(NOW, "en_US", "America/Los_Angeles") == "11:05\u202fAM"
    assert format_clock(NOW, "en_GB", "Europe/London") == "18:05"


def test_a_day_is_never_a_row_of_figures() -> None:
    assert format_day(TODAY, "en_US") == "Mar 12, 2026"
    assert format_day(TODAY, "en_GB") == "12 Mar 2026"


@pytest.mark.parametrize(
    "locale", ["en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "es_PA", "ar", "ar_EG"]
)
def test_a_day_is_never_figures_that_two_people_read_as_two_days(locale: str) -> None:
    said = format_day(date(2026, 3, 4), locale)

    assert not set("/-") & set(said)
    assert "2026" in said
