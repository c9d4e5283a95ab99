"""axe finds nothing on any page of the back office, light and dark, and nothing sticks out."""

from __future__ import annotations

from playwright.sync_api import Browser

from tests.backoffice.walk import ADMINISTRATOR, fill, walk
from tests.browser.conftest import Site
from tests.browser.looks import complaints, look_in_every_way
from tests.ground import Ground
from tests.portal.doors import make_door


def test_every_page_of_the_back_office_can_be_used_by_everybody(
    ground: Ground, server: int, browser: Browser
) -> None:
    found: list[str] = []

    with make_door(ground, host=f"{ground.organization_id}.localhost") as door:
        site = Site(door, f"http://{door.host}:{server}", browser)
        pages = [each for each in walk(*fill(door)) if each.is_page]
        context = site.context()
        page = context.new_page()
        with complaints(page, found):
            site.sign_in(page, ADMINISTRATOR)
            for each in pages:
                look_in_every_way(page, found, site.address + each.address)
        context.close()

    assert len(pages) > 20
    assert found == []
