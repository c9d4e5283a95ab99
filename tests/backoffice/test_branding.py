"""The page of the brand: a draft is seen before it counts, and every change can be taken back."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from quittance.branding.models import Brand
from quittance.tenancy.rows import reading
from tests.backoffice.office import action, fields, words
from tests.portal.doors import Door

PAGE = "/office/branding"
LOGO = Path(__file__).resolve().parents[2] / "demo/brands/logo-northwind-light.svg"


def manager(door: Door) -> Client:
    return door.signed_in(email="mia@example.test", role="manager", name="Mia Santos")


def accent() -> str:
    with reading():
        return Brand.objects.get().accent


def sheet(client: Client, page: bytes, name: str) -> str:
    """The style sheet of the page whose address holds ``name``."""
    found = re.search(rf'<link rel="stylesheet" href="([^"]*{name}[^"]*)"', page.decode())
    assert found
    return client.get(html.unescape(found[1])).content.decode()


def test_a_preview_shows_the_draft_and_changes_nothing(door: Door) -> None:
    office = manager(door)

    draft = office.get(PAGE, {"accent": "#FFB81C", "radius": "2", "links": "4"})

    preview = sheet(office, draft.content, "preview.css")
    assert preview.startswith(".preview {")
    assert "--accent: light-dark(#ffb81c," in preview
    assert "--radius: 2px;" in preview
    assert "Button labels are dark" in words(draft)
    assert accent() == "#0b5563"


def test_what_is_published_is_what_customers_see(door: Door) -> None:
    office, buyer = manager(door), door.buyer()
    form = fields(office.get(PAGE), "branding/publish")

    answer = office.post(
        f"{PAGE}/publish",
        form | {
            "accent": "#ffb81c", "footer": "VAT 123", "label-1": "Terms of payment",
            "address-1": "https://northwind.example/terms",
        },
    )  # fmt: skip
    shown = buyer.get("/invoices")

    assert answer["Location"] == f"{PAGE}?done=published"
    assert "--accent: light-dark(#ffb81c," in sheet(buyer, shown.content, "/brand/")
    assert "VAT 123" in words(shown)
    assert b'href="https://northwind.example/terms"' in shown.content


def test_a_change_is_taken_back_by_its_button(door: Door) -> None:
    office = manager(door)
    form = fields(office.get(PAGE), "branding/publish")
    office.post(f"{PAGE}/publish", form | {"accent": "#ffb81c"})
    listed = office.get(PAGE)

    answer = office.post(action(listed, "back/1"))

    assert "Mia Santos · 1 setting changed" in words(listed)
    assert answer["Location"] == f"{PAGE}?done=back"
    assert accent() == "#0b5563"


def test_what_cannot_be_kept_comes_back_as_it_was_typed(door: Door) -> None:
    office = manager(door)
    form = fields(office.get(PAGE), "branding/publish")

    answer = office.post(
        f"{PAGE}/publish",
        form | {"accent": "#zzz", "radius": "99", "label-2": "Terms", "address-2": "nowhere"},
    )

    assert answer.status_code == 422
    assert "Write a color as #" in words(answer)
    assert b'value="#zzz"' in answer.content
    assert "Write a whole address" in words(answer)
    assert accent() == "#0b5563"


def test_an_uploaded_logo_is_drawn_anew_and_shown(door: Door) -> None:
    office, buyer = manager(door), door.buyer()
    file = SimpleUploadedFile("../../evil.html", LOGO.read_bytes(), content_type="text/html")

    answer = office.post(f"{PAGE}/logo", {"light": file})
    shown = buyer.get("/invoices").content.decode()
    found = re.search(r'src="(/brand/[0-9a-f]+/logo-light)"', shown)
    assert found
    served = buyer.get(found[1])

    assert answer["Location"] == f"{PAGE}?done=logo"
    assert served["Content-Type"] == "image/png"
    assert served.content.startswith(b"\x89PNG")
    assert "sandbox" in served["Content-Security-Policy"]

    office.post(f"{PAGE}/logo/remove")
    assert "logo-light" not in buyer.get("/invoices").content.decode()


@pytest.mark.parametrize("sent", [{}, {"light": SimpleUploadedFile("x.png", b"<script>")}])
def test_a_file_that_is_no_logo_is_refused_with_the_reason(
    door: Door, sent: dict[str, SimpleUploadedFile]
) -> None:
    answer = manager(door).post(f"{PAGE}/logo", sent)

    assert answer.status_code == 422
    assert 'id="error-light"' in answer.content.decode()


def test_only_managers_change_the_brand_and_others_do_not_see_the_page(door: Door) -> None:
    clerk = door.clerk()

    assert clerk.get(PAGE).status_code == 404
    assert clerk.post(f"{PAGE}/publish", {"name": "x"}).status_code == 404
    assert PAGE not in clerk.get("/office/payments").content.decode()


def test_the_sellers_texts_in_a_language_are_what_its_readers_see_and_others_see_his_own(
    door: Door,
) -> None:
    office, buyer = manager(door), door.buyer()
    form = fields(office.get(PAGE), "branding/publish")
    own = {
        "footer": "Registered in Seattle", "help_text": "Ask us from 8 to 5",
        "label-1": "Terms", "address-1": "https://northwind.example/terms",
    }  # fmt: skip
    german = {
        "footer-de": "Eingetragen in Hamburg", "tone-de": "formal",
        "label-de-1": "AGB", "address-de-1": "https://northwind.example/agb",
    }  # fmt: skip
    office.post(f"{PAGE}/publish", form | own)

    answer = office.post(f"{PAGE}/texts", fields(office.get(PAGE), "branding/texts") | german)
    shown = {}
    for code in ("en", "de", "fr"):
        buyer.post("/language", {"language": code, "then": "/invoices"})
        shown[code] = words(buyer.get("/invoices"))
    editor = office.get(PAGE).content.decode()

    assert answer["Location"] == f"{PAGE}?done=published"
    for code in ("en", "fr"):
        assert "Registered in Seattle" in shown[code]
        assert "Terms" in shown[code]
    assert "Eingetragen in Hamburg" in shown["de"]
    assert "AGB" in shown["de"]
    assert "Registered in Seattle" not in shown["de"]
    assert "Ask us from 8 to 5" in shown["de"]  # what is not said in German
    assert 'value="Eingetragen in Hamburg"' in editor


def test_what_is_wrong_in_a_language_is_told_at_its_field_and_nothing_is_kept(door: Door) -> None:
    office = manager(door)

    answer = office.post(
        f"{PAGE}/texts", {"label-de-1": "AGB", "address-de-1": "nowhere", "tone-fr": "rude"}
    )

    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'id="error-address-de-1"' in page
    assert 'id="error-tone-fr"' in page
    assert 'value="nowhere"' in page
    with reading():
        assert Brand.objects.get().texts == {}
