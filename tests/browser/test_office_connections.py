"""The pages of connections in a browser: light, dark, right to left, on phones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from quittance.connections.capabilities import look_at_erp
from quittance.connections.mapping import Rule, keep_rule
from quittance.connections.models import ErpConnection, GatewayAccount
from quittance.connections.open import close_adapters
from quittance.core import clock
from quittance.posting import gate
from quittance.receivables.models import SyncCursor
from quittance.tenancy.rows import writing
from tests.browser.conftest import Site
from tests.browser.looks import WIDE, complaints, look_everywhere
from tests.ground import Ground, World, make_ground
from tests.portal.doors import make_door

PAGE = "/connections"


@pytest.fixture(scope="module")
def site(world: World, server: int, browser: Browser) -> Iterator[Site]:
    """An organization whose connections have something of everything to show."""
    with (
        make_ground(world) as ground,
        make_door(ground, host=f"{ground.organization_id}.localhost") as door,
    ):
        door.person(email="mia@example.test", role="manager", name="Mia Santos")
        _fill(ground)
        yield Site(door, f"http://{door.host}:{server}", browser)
    close_adapters()


def _fill(ground: Ground) -> None:
    keep_rule(ground.legal_entity_id, Rule(gateway="Gateway", account="2910", fee_account="4910"))
    look_at_erp(ground.legal_entity_id)
    now = clock.now()
    with writing():
        connection = ErpConnection.objects.get()
        lacks = {"can": False, "sentence": "The application may not read contacts."}
        connection.capabilities = [connection.capabilities[0], connection.capabilities[1] | lacks]
        connection.test_failure = "The client secret has expired. Make a new one."
        connection.save()
        GatewayAccount.objects.update(test_failure="The key is not accepted.", tested_at=now)
        gate.stop(ground.legal_entity_id, because="Paused by Mia Santos.")
        SyncCursor.objects.update_or_create(
            legal_entity_id=ground.legal_entity_id, stream="invoices",
            defaults={"records_read": 2310, "run_records": 2310, "expected_records": 3880,
                      "run_began_at": now, "run_page_at": now, "first_run_done": False},
        )  # fmt: skip


@pytest.fixture
def desk(site: Site) -> Iterator[Page]:
    """A page at which a manager is signed in."""
    context = site.context(viewport=WIDE)
    page = context.new_page()
    site.sign_in(page, "mia@example.test")
    yield page
    context.close()


def test_every_page_of_connections_can_be_used_by_everybody(site: Site, desk: Page) -> None:
    found: list[str] = []
    entity = f"/connections/erp/{site.door.ground.legal_entity_id}"
    with complaints(desk, found):
        for path in ("", "/settings", "/rules", "/rules/new"):
            look_everywhere(desk, found, f"{site.address}/office{entity + path if path else PAGE}")

    assert found == []


def test_the_page_shows_how_far_the_first_reading_is(site: Site, desk: Page) -> None:
    desk.goto(f"{site.address}/office/connections")

    expect(desk.locator("text=2,310 of about 3,880 invoices")).to_have_count(1)
    assert desk.locator("[role=progressbar]").get_attribute("aria-valuenow") == "2310"
    with writing():
        SyncCursor.objects.filter(stream="invoices").update(records_read=3100)
    desk.wait_for_selector("text=3,100 of about 3,880 invoices")  # by itself
