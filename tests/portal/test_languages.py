"""A reader is spoken to in one language: chosen, else the browser's, else the seller's."""

from __future__ import annotations

import pytest

from quittance.core.languages import LANGUAGES
from tests.portal.doors import PASSWORD, Door


def language_of(content: bytes) -> str:
    return content.decode().partition('<html lang="')[2][:2]


def brand(**settings: object) -> None:
    from quittance.branding import look
    from quittance.branding.models import Brand
    from quittance.tenancy.rows import writing

    with writing():
        Brand.objects.update_or_create(defaults={"name": "Northwind", **settings})
    look._remembered.clear()


def test_a_browser_that_prefers_german_gets_german(door: Door) -> None:
    answer = door.client().get("/sign-in", headers={"Accept-Language": "nl, de-CH;q=0.8, en;q=0.2"})

    assert language_of(answer.content) == "de"


def test_what_was_chosen_here_wins_over_the_browser(door: Door) -> None:
    client = door.client()
    chosen = client.post("/language", {"language": "fr", "then": "/sign-in"})
    answer = client.get(chosen["Location"], headers={"Accept-Language": "de"})

    assert language_of(answer.content) == "fr"


def test_arabic_runs_from_right_to_left(door: Door) -> None:
    answer = door.client().get("/sign-in", headers={"Accept-Language": "ar-EG"})

    assert b'<html lang="ar" dir="rtl"' in answer.content


def test_a_language_that_the_seller_does_not_offer_is_not_spoken(door: Door) -> None:
    brand(languages=["es", "en"], language="es")
    client = door.client()
    refused = client.post("/language", {"language": "de", "then": "/sign-in"})
    answer = client.get("/sign-in", headers={"Accept-Language": "de, fr"})

    assert "language" not in refused.cookies
    assert language_of(answer.content) == "es"
    assert b'value="de"' not in answer.content


def test_a_person_keeps_the_language_on_every_browser(door: Door) -> None:
    door.buyer().post("/language", {"language": "es", "then": "/"})
    elsewhere = door.client()
    elsewhere.post("/sign-in", {"email": "dana@example.test", "password": PASSWORD})

    answer = elsewhere.get("/", headers={"Accept-Language": "de"})

    assert language_of(answer.content) == "es"


def test_the_first_sign_in_keeps_the_language_of_its_page(door: Door) -> None:
    from quittance.identity.models import User
    from quittance.tenancy.rows import reading

    door.person("C-10482")
    client = door.client()
    for accepted in ("fr-CA", "de"):
        client.post(
            "/sign-in", {"email": "dana@example.test", "password": PASSWORD},
            headers={"Accept-Language": accepted},
        )  # fmt: skip

    with reading():
        assert User.objects.get(email="dana@example.test").language == "fr"


def test_a_page_of_what_went_wrong_speaks_the_readers_language(door: Door) -> None:
    missing = door.client().get("/nothing-here", headers={"Accept-Language": "ar"})
    office = door.client().get("/office/nothing-here", headers={"Accept-Language": "ar"})

    assert b'lang="ar" dir="rtl"' in missing.content
    assert language_of(office.content) == "en"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_choice_calls_each_language_by_its_own_name(language: str, door: Door) -> None:
    page = door.client().get("/sign-in").content.decode()

    assert LANGUAGES[language].name in page
