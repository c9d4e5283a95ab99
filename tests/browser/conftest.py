"""A Chromium, and a web server in this process for it to talk to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, BrowserContext

from demo import browser as chromium
from sandbox.paypal.launch import Running as PayPal
from sandbox.paypal.launch import start_paypal
from sandbox.stripe.launch import Running as Stripe
from sandbox.stripe.launch import start_stripe
from tests.chromium import a_chromium
from tests.ground import HARBORLINE, Ground
from tests.portal.doors import PASSWORD, Door, make_door, plain_files

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUM = chromium.find() or None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test here needs a Chromium; without one they are skipped, each saying so."""
    for item in items:
        if "tests/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium found"))


@pytest.fixture(scope="package")
def stripe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stripe]:
    """Stripe's sandbox; its banks take a day."""
    with start_stripe(tmp_path_factory.mktemp("stripe"), settle_delay=86400) as started:
        yield started


@pytest.fixture(scope="package")
def paypal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PayPal]:
    """PayPal's sandbox."""
    with start_paypal(tmp_path_factory.mktemp("paypal"), settle_delay=600) as started:
        yield started


@dataclass
class Site:
    """The portal as a browser reaches it."""

    door: Door
    address: str
    browser: Browser

    def context(self, **options: object) -> BrowserContext:
        """A browser profile of its own, which remembers what its console said."""
        context: BrowserContext = self.browser.new_context(**options)  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        return context

    def sign_in(self, page: Page, email: str = "dana@example.test") -> None:
        """Be signed in as from a visit before; a buyer comes to the invoices, staff to the office.

        The form costs four pages: ``sign_in_by_form`` is for tests whose road begins there.
        """
        client = self.door.client()
        answer = client.post("/sign-in", {"email": email, "password": PASSWORD})
        assert answer.status_code == 303, answer.content
        page.context.add_cookies([
            {"name": name, "value": each.value, "url": self.address}
            for name, each in client.cookies.items()
        ])  # fmt: skip
        path = "/invoices" if "dana" in email else answer["Location"]
        page.goto(f"{self.address}{path}")
        assert "/sign-in" not in page.url

    def sign_in_by_form(self, page: Page) -> None:
        """Sign in as a buyer does, and go on to the invoices."""
        page.goto(f"{self.address}/sign-in")
        page.fill("#email", "dana@example.test")
        page.fill("#password", PASSWORD)
        page.click("button:has-text('Sign in')")
        page.wait_for_url(f"{self.address}/")
        page.goto(f"{self.address}/invoices")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for the tests of this folder."""
    with a_chromium(CHROMIUM) as browser:
        yield browser


@pytest.fixture(scope="session")
def server(database: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The web server; returns its port."""
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.handlers.wsgi import WSGIHandler
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

    class Silent(WSGIRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    with plain_files(tmp_path_factory.mktemp("static")):
        httpd = ThreadedWSGIServer(("127.0.0.1", 0), Silent)
        httpd.daemon_threads = True
        httpd.set_app(StaticFilesHandler(WSGIHandler()))
        thread = threading.Thread(target=httpd.serve_forever, daemon=True)
        thread.start()
        yield httpd.server_port
        httpd.shutdown()
        httpd.server_close()
        thread.join()


@pytest.fixture
def site(ground: Ground, server: int, browser: Browser) -> Iterator[Site]:
    """One organization's portal with a buyer and a clerk."""
    with make_door(ground, host=f"{ground.organization_id}.localhost") as door:
        door.person(HARBORLINE)
        door.person(email="priya@example.test", role="clerk")
        yield Site(door, f"http://{door.host}:{server}", browser)
