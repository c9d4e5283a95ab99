"""The person's own page and the end of a session: for everybody, also without script."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from quittance.core import clock
from quittance.identity.models import SignIn, User
from quittance.notifications.models import Unwanted
from quittance.tenancy.rows import reading, writing
from tests.browser.conftest import Site
from tests.browser.looks import LOOKS, complaints, look_at, visit
from tests.portal.doors import PASSWORD


def ends_in(seconds: int) -> None:
    with writing():
        SignIn.objects.update(until=clock.now() + timedelta(seconds=seconds))


@pytest.mark.parametrize("look", LOOKS.values(), ids=list(LOOKS))
def test_the_profile_and_all_accounts_can_be_used_by_everybody(
    look: dict[str, Any], site: Site
) -> None:
    found: list[str] = []
    context = site.context(**look)
    page = context.new_page()

    with complaints(page, found):
        site.sign_in(page)
        for address in ("/profile", "/profile?done=mails", "/accounts", "/profile/mail/x"):
            visit(page, found, site.address + address)
        for language in ("ar", "de"):
            page.goto(f"{site.address}/profile")
            page.select_option("#language", language)
            page.locator("form[action='/profile/you'] button[type=submit]").click()
            page.wait_for_url("**/profile?done=you")
            look_at(page, found)
    context.close()

    # A page of an address that nobody asked for is gone: the browser says so of itself.
    assert [each for each in found if "410" not in each] == []


def test_mails_are_chosen_and_the_name_is_changed_without_any_script(site: Site) -> None:
    context = site.context(java_script_enabled=False)
    page = context.new_page()
    site.sign_in(page)
    page.goto(f"{site.address}/profile")

    page.fill("#name", "Dana O.")
    page.locator("form[action='/profile/you'] button[type=submit]").click()
    page.wait_for_url("**/profile?done=you")
    page.locator("input[name=mail][value$=':receipts']").first.uncheck()
    page.locator("form[action='/profile/mails'] button[type=submit]").click()
    page.wait_for_url("**/profile?done=mails")
    said = page.locator("[role=status]").inner_text()
    context.close()

    assert "saved" in said
    with reading():
        assert User.objects.get(email="dana@example.test").name == "Dana O."
        assert set(Unwanted.objects.values_list("topic", flat=True)) == {"receipts"}


def test_the_end_of_a_session_is_announced_and_put_off_by_keyboard(site: Site) -> None:
    context = site.context()
    page = context.new_page()
    site.sign_in(page)
    ends_in(200)
    page.goto(f"{site.address}/remittance")
    page.fill("#text", "IN-1;100,50")

    dialog = page.get_by_role("alertdialog")
    dialog.wait_for()
    said = dialog.inner_text()
    page.keyboard.press("Enter")  # the focus is on its button
    dialog.wait_for(state="hidden")
    typed = page.input_value("#text")
    context.close()

    assert "Your session ends" in said
    assert typed == "IN-1;100,50"
    with reading():
        assert SignIn.objects.get().until > clock.now() + timedelta(hours=11)


def test_what_was_typed_into_a_session_that_ended_is_sent_after_the_sign_in(site: Site) -> None:
    context = site.context(java_script_enabled=False)
    page = context.new_page()
    site.sign_in(page)
    page.goto(f"{site.address}/remittance")
    page.fill("#text", "NONE;100,50")
    ends_in(-1)

    page.click("button.btn-primary")
    page.wait_for_url("**/sign-in**")
    page.fill("#email", "dana@example.test")
    page.fill("#password", PASSWORD)
    page.click("button:has-text('Sign in')")
    page.wait_for_url("**/session/typed")
    page.click("button:has-text('Send it now')")
    page.wait_for_selector("[name=number-1]")
    number = page.input_value("[name=number-1]")
    context.close()

    assert number == "NONE"


def test_a_session_at_its_longest_says_so_and_its_notice_can_be_closed(site: Site) -> None:
    context = site.context()
    page = context.new_page()
    site.sign_in(page)
    with writing():
        SignIn.objects.update(
            began_at=clock.now() - timedelta(hours=12, seconds=-200),
            until=clock.now() + timedelta(seconds=200),
        )
    page.goto(f"{site.address}/profile")

    notice = page.locator("#ends")
    notice.wait_for(state="visible")
    said = notice.inner_text()
    expect(notice.locator("[data-stay]")).to_have_count(0)
    notice.get_by_role("button", name="Close").click()
    notice.wait_for(state="hidden")
    context.close()

    assert "cannot be prolonged any more" in said
