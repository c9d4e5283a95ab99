"""Every language counts as its speakers do."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from quittance.ui import marks
from quittance.ui.days import due_hint
from quittance.ui.jinja import environment
from quittance.ui.language import speaking, spoken


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


def test_what_was_said_in_one_language_is_said_anew_in_another() -> None:
    page = environment().from_string("{{ _('Invoices') }}, {{ status('overdue')|striptags }}")

    assert page.render() == "Invoices, Overdue"
    with speaking("de"):
        assert (spoken(), page.render()) == ("de", "Rechnungen, Überfällig")
        with speaking("fr"):
            assert spoken() == "fr"
        assert marks.status("overdue").striptags() == "Überfällig"
    assert (spoken(), page.render()) == ("en", "Invoices, Overdue")


def test_words_that_hold_values_escape_them() -> None:
    page = environment().from_string("{{ _('Amounts in %(currency)s.', currency='<b>') }}")

    assert page.render() == "Amounts in &lt;b&gt;."
