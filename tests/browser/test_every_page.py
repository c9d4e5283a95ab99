"""axe finds nothing on any page of the portal, light, dark and right to left, at 320 px too."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Site
from tests.browser.looks import complaints, look_in_every_way
from tests.portal.doors import PASSWORD
from tests.portal.walk import fill, walk

_LANGUAGES = ("en", "ar")


@pytest.mark.parametrize("language", _LANGUAGES)
def test_every_page_of_the_portal_can_be_used_by_everybody(language: str, site: Site) -> None:
    given = fill(site.door)
    client = site.door.client()
    client.cookies["language"] = language
    client.post("/sign-in", {"email": "dana@example.test", "password": PASSWORD})
    pages = [
        each.address
        for each in walk(client, given)
        if each.is_page and b'http-equiv="refresh"' not in each.content  # it leads to a gateway
    ]
    found: list[str] = []
    context = site.context(viewport={"width": 1360, "height": 900})
    page = context.new_page()

    with complaints(page, found):
        _sign_in(site, page, language)
        for address in pages:
            look_in_every_way(page, found, site.address + address)
    context.close()

    assert len(pages) > 25
    # The browser itself notes that a link which is over answers 410; its page was looked at.
    assert [each for each in found if "status of 410" not in each] == []


def _sign_in(site: Site, page: Page, language: str) -> None:
    page.context.add_cookies([{"name": "language", "value": language, "url": site.address}])
    page.goto(f"{site.address}/sign-in")
    page.fill("#email", "dana@example.test")
    page.fill("#password", PASSWORD)
    page.locator("button.btn-primary").click()
    page.wait_for_url(f"{site.address}/")
    direction = page.evaluate("document.documentElement.dir")
    assert direction == ("rtl" if language == "ar" else "ltr")
