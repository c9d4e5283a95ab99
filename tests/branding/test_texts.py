"""What a seller says otherwise in a language; the rest is said as in his own."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from quittance.branding.keep import CannotLookSo, Chosen, chosen_of, keep_brand
from quittance.branding.look import Look
from quittance.branding.models import Brand
from quittance.branding.texts import without_nothing
from quittance.tenancy.rows import reading
from quittance.ui.language import speaking
from quittance.ui.print.draw import house_of

OWN = Look(
    name="Northwind", footer="UBI 123", help_text="Ask us", links=(("Terms", "https://x.test/t"),),
    texts={"de": {"footer": "HRB 123", "links": [["AGB", "https://x.test/agb"]]}},
)  # fmt: skip


def test_what_is_not_said_in_a_language_is_said_as_in_the_sellers_own() -> None:
    german, french = OWN.spoken("de"), OWN.spoken("fr")

    assert (german.footer, german.help_text) == ("HRB 123", "Ask us")
    assert german.links == (("AGB", "https://x.test/agb"),)
    assert french == OWN


def test_a_paper_has_the_footer_of_its_language() -> None:
    with speaking("de"):
        assert house_of(OWN, site="x.test")["footer"] == "HRB 123"
    with speaking("ar"):
        assert house_of(OWN, site="x.test")["footer"] == "UBI 123"


def test_nothing_is_kept_for_the_sellers_own_language_nor_what_is_empty() -> None:
    texts = {"en": {"footer": "x"}, "de": {"footer": "", "tone": "formal"}, "fr": {"footer": ""}}

    assert without_nothing(texts, default="en") == {"de": {"tone": "formal"}}


@pytest.mark.parametrize(
    ("language", "own", "field"),
    [
        ("de", {"footer": "x" * 301}, "footer-de"),
        ("de", {"greeting": "two\nlines"}, "greeting-de"),
        ("fr", {"tone": "rude"}, "tone-fr"),
        ("ar", {"links": [["", "https://x.test"]]}, "label-ar-1"),
        ("es", {"links": [["AGB", "http://x.test"]]}, "address-es-1"),
        ("xx", {"footer": "x"}, "languages"),
        ("de", {"name": "x"}, "languages"),
    ],
)
def test_what_cannot_be_kept_is_told_at_its_field(
    organization: UUID, language: str, own: dict[str, object], field: str
) -> None:
    with pytest.raises(CannotLookSo) as told:
        keep_brand(Chosen(name="Northwind", texts={language: own}))

    assert [each.field for each in told.value.wrongs] == [field]


def test_what_was_kept_is_what_was_chosen(organization: UUID) -> None:
    chosen = Chosen(name="Northwind", greeting="Dear customer,", texts={"de": {"footer": "HRB"}})
    keep_brand(chosen)

    with reading():
        kept = chosen_of(Brand.objects.get())

    assert kept == chosen
    assert keep_brand(replace(chosen, texts={"de": {"footer": "HRB", "help_text": ""}})) == []
