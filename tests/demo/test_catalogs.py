"""The checks find a sentence that is missing, wrong, not needed, or marked nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from checks import catalogs, messages, unmarked
from quittance.core.languages import ENGLISH, LANGUAGES

ROOT = Path(__file__).resolve().parents[2]
PLURAL = ("%(num)s invoice", "%(num)s invoices")


def known(*entries: tuple[messages.Msgid, str | tuple[str, ...]], language: str = "de") -> Catalog:
    catalog = Catalog(locale=language)
    for msgid, said in entries:
        catalog.add(msgid, said)
    return catalog


def test_every_sentence_is_there_in_every_language() -> None:
    assert list(catalogs.complaints(ROOT)) == []


def test_no_word_on_a_buyers_page_is_unmarked() -> None:
    assert list(unmarked.complaints(ROOT)) == []


def test_the_checks_know_the_languages_that_are_spoken() -> None:
    assert {*catalogs.LANGUAGES, ENGLISH} == set(LANGUAGES)


@pytest.mark.parametrize(
    ("msgid", "said", "wrong"),
    [
        ("Pay", "", "not translated"),
        ("Pay %(amount)s", "%(sum)s zahlen", "other placeholders"),
        ("Pay %(amount)s", "Zahlen", "other placeholders"),
        (PLURAL, ("%(num)s Rechnung", ""), "not in all its forms"),
        (PLURAL, ("%(number)s Rechnung", "%(num)s Rechnungen"), "other placeholders"),
        ("Pay", "Zahlen ", "ends with a space"),
    ],
)
def test_a_translation_that_is_not_whole_is_found(
    msgid: messages.Msgid, said: str | tuple[str, ...], wrong: str
) -> None:
    found = list(catalogs.complaints_about(known((msgid, said)), [msgid]))

    assert len(found) == 1
    assert wrong in found[0]


def test_a_fuzzy_translation_is_found() -> None:
    catalog = known(("Pay", "Zahlen"))
    catalog["Pay"].flags.add("fuzzy")

    assert "fuzzy" in next(catalogs.complaints_about(catalog, ["Pay"]))


def test_a_missing_and_an_obsolete_sentence_are_found() -> None:
    found = list(catalogs.complaints_about(known(("Pay", "Zahlen")), ["Leave"]))

    assert len(found) == 2
    assert "not in the catalog" in found[0]
    assert "nobody says this any more" in found[1]


def test_a_form_for_one_or_two_may_say_the_count_in_a_word() -> None:
    forms = (
        "لا فواتير",
        "فاتورة واحدة",
        "فاتورتان",
        "%(num)s فواتير",
        "%(num)s فاتورة",
        "%(num)s فاتورة",
    )

    assert list(catalogs.complaints_about(known((PLURAL, forms), language="ar"), [PLURAL])) == []


@pytest.mark.parametrize(
    "template",
    [
        "<p>Hello there</p>",
        '<input placeholder="Search">',
        '<a aria-label="{% if x %}Next page{% endif %}">{{ icon("x") }}</a>',
        "<p>{{ 'Paid' if x else y }}</p>",
        "<p>{{ x }} of {{ y }} invoices</p>",
    ],
)
def test_a_word_that_no_catalog_knows_is_found(template: str) -> None:
    assert list(unmarked.in_template(template)) != []


@pytest.mark.parametrize(
    "template",
    [
        '<p class="big">{{ _("Hello there") }}</p>',
        "<p>{% trans %}Hello there{% endtrans %}</p>",
        "<p>{{ a }} · {{ b }}</p>",
        '<input type="search" name="query" value="{{ \'on\' if x else \'off\' }}">',
    ],
)
def test_what_is_marked_or_no_word_is_left_alone(template: str) -> None:
    assert list(unmarked.in_template(template)) == []


def test_a_sentence_in_code_that_is_not_marked_is_found() -> None:
    code = 'def f(x):\n    """Do."""\n    return _("Pay now") if x else "Nothing was charged."\n'

    assert list(unmarked.in_code(code)) == [(3, "Nothing was charged.")]


def test_what_a_rule_says_by_itself_is_a_sentence_of_the_catalogs() -> None:
    assert "Choose how to pay." in messages.messages(ROOT)["payments"]
