"""Passkeys with a real browser's own authenticator, and second factors without any script."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pyotp
import pytest

from quittance.core import clock
from quittance.identity.models import AuthenticatorApp, Passkey
from quittance.tenancy.rows import reading, writing
from tests.browser.conftest import Site
from tests.browser.looks import LOOKS, complaints, look_at, visit
from tests.portal.doors import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page


def authenticator(page: Page) -> tuple[CDPSession, str]:
    """A phone with a finger that fits, as far as this page sees."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    made = devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
                "hasUserVerification": True, "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )  # fmt: skip
    return devtools, str(made["authenticatorId"])


def add_passkey(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/security")
    page.fill("#passkey-name", "Work laptop")
    page.click("button:has-text('Add a passkey')")
    page.wait_for_selector("h1:has-text('Keep these recovery codes')")


def sign_out(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/security")
    page.click("button:has-text('Sign out')")
    page.wait_for_url("**/sign-in")


def test_a_passkey_is_made_and_then_signs_in_alone_and_as_the_second_step(site: Site) -> None:
    page = site.context().new_page()
    authenticator(page)
    site.sign_in(page)
    add_passkey(page, site)
    sign_out(page, site)

    page.click("button:has-text('Use a passkey')")
    page.wait_for_url(f"{site.address}/")
    sign_out(page, site)
    page.fill("#email", "dana@example.test")
    page.fill("#password", PASSWORD)
    page.click("button:has-text('Sign in')")
    page.wait_for_url("**/sign-in/second")
    page.click("button:has-text('Use a passkey')")
    page.wait_for_url(f"{site.address}/")
    page.context.close()

    with reading():
        row = Passkey.objects.get()
    assert (row.name, row.host) == ("Work laptop", site.door.host)
    assert row.sign_count > 1


def test_who_does_not_verify_themselves_gets_a_sentence_and_not_in(site: Site) -> None:
    page = site.context().new_page()
    devtools, phone = authenticator(page)
    site.sign_in(page)
    add_passkey(page, site)
    sign_out(page, site)

    told = {"authenticatorId": phone, "isUserVerified": False}
    devtools.send("WebAuthn.setUserVerified", told)
    page.click("button:has-text('Use a passkey')")
    page.wait_for_selector("[data-failed]:visible")
    page.goto(f"{site.address}/invoices")
    where = page.url
    page.context.close()

    assert "/sign-in" in where


def test_an_app_is_added_and_used_without_any_script(site: Site) -> None:
    page = site.context(java_script_enabled=False).new_page()
    site.sign_in(page)
    page.goto(f"{site.address}/security")
    page.click("button:has-text('Add an app')")
    totp = pyotp.TOTP(re.sub(r"\s", "", page.locator(".whole").inner_text()))
    page.fill("#code", totp.at(clock.now()))
    page.click("button:has-text('Add the app')")
    file = page.locator("a[download]").get_attribute("href") or ""  # it stands below the codes
    codes = page.locator(".sheet li").all_inner_texts()
    sign_out(page, site)
    with writing():
        AuthenticatorApp.objects.update(last_step=0)
    page.fill("#email", "dana@example.test")
    page.fill("#password", PASSWORD)
    page.click("button:has-text('Sign in')")
    page.fill("#code", totp.at(clock.now()))
    page.click("button:has-text('Sign in')")
    page.wait_for_url(f"{site.address}/")
    page.context.close()

    assert len(codes) == 10
    assert all(each in file for each in codes)


@pytest.mark.parametrize("look", LOOKS.values(), ids=list(LOOKS))
def test_the_pages_of_second_factors_can_be_used_by_everybody(
    look: dict[str, Any], site: Site
) -> None:
    found: list[str] = []
    context = site.context(**look)
    page = context.new_page()

    with complaints(page, found):
        site.sign_in(page)
        authenticator(page)
        visit(page, found, f"{site.address}/security")
        page.locator("form[action='/security/app'] button").click()
        page.wait_for_url("**/security/app/confirm")
        look_at(page, found)
        add_passkey(page, site)
        look_at(page, found)
        for address in ("/security?done=passkey_added", "/security/prove"):
            visit(page, found, site.address + address)
        sign_out(page, site)
        page.fill("#email", "dana@example.test")
        page.fill("#password", PASSWORD)
        page.locator(".box form button[type=submit]").first.click()
        page.wait_for_url("**/sign-in/second")
        look_at(page, found)
    context.close()

    assert found == []
