"""Takes a picture of each page of the portal from a running demo: ``python -m docs.images.pages``.

Each page at a desk and on a phone, some of them in the dark and in Arabic too. Needs the tests'
environment (``make dev``), a Chromium and a demo; the address of its portal and the folder of its
mails are the arguments, then the names of pages to take, all of them without. In a new demo three
invoices are paid on the way; a checkout is begun and left, a pay link is made, somebody is invited.
"""

from __future__ import annotations

import argparse
import base64
import os
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin

from playwright.sync_api import Browser, Page, sync_playwright

from demo import browser
from demo.company import PASSWORD
from docs.images import guests
from docs.images.make import BUYER, CLERK, QUIET, type_card

FOLDER: Final = Path(__file__).parent / "portal"
LONGEST: Final = 1500  # pixels of a page: what comes below looks the same
BARRED: Final = frozenset(
    {"invoices-desk", "invoices-dark", "invoices-arabic"}
    | {f"{name}-phone" for name in ("invoices", "invoice", "amounts", "method", "review")}
)
QUALITY: Final = 45
# How it is looked at: width, height, scheme, and how sharp.
WAYS: Final[Mapping[str, tuple[int, int, str, float]]] = {
    "desk": (1280, 800, "light", 1),
    "phone": (390, 844, "light", 1.25),
    "dark": (1280, 800, "dark", 1),
    "arabic": (1280, 800, "light", 1),
}
MORE: Final = frozenset({"overview", "invoices", "invoice", "amounts", "statement", "payment"})
ID: Final = r"/[0-9a-f-]{36}"
Way = Callable[[Page], None]


def first(path: str, pattern: str) -> Way:
    """Go to a page, and from there along the first link whose address is so."""

    def go(page: Page) -> None:
        page.goto(urljoin(page.url, path))
        links = page.locator("main a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
        found = [link for link in links if re.fullmatch(pattern, link or "")]
        assert found, f"{path} has no link like {pattern}"
        page.goto(urljoin(page.url, found[0]))

    return go


def at(path: str) -> Way:
    """Go to a page."""
    return lambda page: (page.goto(urljoin(page.url, path)), None)[1]


def invoices(page: Page) -> None:
    """Tick the first three invoices, so that the pay bar shows."""
    page.goto(urljoin(page.url, "/invoices"))
    for place in range(3):
        page.locator("input[name=invoice]:enabled").nth(place).check()
    page.wait_for_timeout(700)


def checkout(step: str) -> Way:
    """Begin a checkout and go on to this step; what is begun can be gone on with for a week."""

    def go(page: Page) -> None:
        invoices(page)
        page.locator("button[name=pay]:visible").first.click()
        page.wait_for_url("**/amounts")
        for onward in ("method", "review"):
            if page.url.rstrip("/").endswith(step):
                return
            if onward == "review":
                page.locator("input[name=method][value=card]").check()
            page.locator("main form[method=post] button[type=submit]:visible").last.click()
            page.wait_for_url(f"**/{onward}")

    return go


def payment(page: Page) -> None:
    """Go to the newest payment; a new demo has none, so three invoices are paid by card."""
    page.goto(urljoin(page.url, "/payments"))
    if not page.locator("main td a.id, main a[href^='/payments/']").count():
        checkout("review")(page)
        page.locator("main form[method=post] button[type=submit]:visible").last.click()
        page.wait_for_url("**/pay/*")
        type_card(page)
        page.locator("button[type=submit]").first.click()
        page.wait_for_url("**/payments/**")
        page.get_by_text("The invoices show it").wait_for(timeout=120_000)
    first("/payments", r"/payments" + ID)(page)


def read_list(page: Page) -> None:
    """Paste a list with one line that fits nothing."""
    page.goto(urljoin(page.url, "/invoices"))
    number = page.locator("main td a.id, main th a.id").first.inner_text()
    page.goto(urljoin(page.url, "/remittance"))
    page.locator("textarea").first.fill(f"{number} 100.00\nINV-000000 12.00\n")
    page.locator("main form button[type=submit]:visible").last.click()
    page.wait_for_load_state()


PAGES: Final[Mapping[str, Way]] = {
    "overview": at("/"),
    "why": first("/", r"/why\?.*"),
    "accounts": at("/accounts"),
    "invoices": invoices,
    "invoice": first("/invoices", r"/invoices" + ID),
    "dispute-form": first("/invoices", r"/invoices" + ID),
    "orders": at("/orders"),
    "order": first("/orders", r"/orders/[^?]+(\?.*)?"),
    "credits": at("/credits?tab=all"),
    "credit": first("/credits?tab=all", r"/credits" + ID),
    "documents": at("/documents"),
    "remittance": at("/remittance"),
    "remittance-read": read_list,
    "amounts": checkout("amounts"),
    "method": checkout("method"),
    "review": checkout("review"),
    "payments": at("/payments"),
    "payment": payment,
    "statement": at("/statement"),
    "statement-of-years": at("/statement?since=2015-01-01&currency=USD"),
    "files": at("/files"),
    "wallet": at("/wallet"),
    "wallet-add": at("/wallet/add"),
    "team": at("/team"),
    "roles": at("/team/roles"),
    "profile": at("/profile"),
    "security": at("/security"),
    "own-data": at("/profile/data"),
    "approvals": at("/approvals"),
}
GUESTS: Final = frozenset({"sign-in", "pay-link", "pay-link-form", "invitation-mail", "invitation"})


def main() -> None:
    """Take them."""
    parser = argparse.ArgumentParser(prog="python -m docs.images.pages", description=__doc__)
    parser.add_argument("address", nargs="?", default="http://localhost:8000")
    parser.add_argument("mails", nargs="?", type=Path, default=Path("var/demo/mail"))
    parser.add_argument("names", nargs="*")
    chosen = parser.parse_args()
    names = chosen.names or [*GUESTS, *PAGES]
    FOLDER.mkdir(exist_ok=True)
    arguments = [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser.find(), args=arguments)
        if GUESTS.intersection(names):
            take_guests(chromium, chosen.address, chosen.mails)
        for way in WAYS:
            take_all(chromium, chosen.address, way, names)
        chromium.close()


def take_guests(chromium: Browser, address: str, mails: Path) -> None:
    """Take the pages of who has no sign-in, at a desk and on a phone."""
    clerk = signed_in(look(chromium, "desk"), f"{address}/office/", CLERK)
    link = guests.pay_link(clerk)
    buyer = signed_in(look(chromium, "desk"), address, BUYER)
    invited, mail = guests.invitation(buyer, mails)
    for way in ("desk", "phone"):
        page, width = look(chromium, way), WAYS[way][0]
        page.goto(address)
        take(page, f"sign-in-{way}", width)
        page.goto(link)
        take(page, f"pay-link-{way}", width)
        page.locator("main button[type=submit]").click()
        page.wait_for_url("**/pay")
        take(page, f"pay-link-form-{way}", width)
        page.context.clear_cookies()
        page.goto(urljoin(address, invited))
        page.get_by_role("button", name="Open the invitation").click()
        page.wait_for_url("**/invitation")
        take(page, f"invitation-{way}", width)
        page.goto("about:blank")
        page.set_content(mail)
        take(page, f"invitation-mail-{way}", width)
        page.context.close()
    for page in (clerk, buyer):
        page.context.close()


def take_all(chromium: Browser, address: str, way: str, names: list[str]) -> None:
    """Take these pages in one way."""
    page = signed_in(look(chromium, way), address, BUYER)
    if way == "arabic":
        speak(page, "ar")
    for name in names:
        if name in PAGES and (way in {"desk", "phone"} or name in MORE):
            PAGES[name](page)
            if name == "dispute-form":
                page.goto(f"{page.url}/dispute")
            take(page, f"{name}-{way}", WAYS[way][0])
    if way == "arabic":
        speak(page, "en")
    page.context.close()


def speak(page: Page, language: str) -> None:
    """Have the buyer choose a language."""
    page.goto(urljoin(page.url, "/profile"))
    page.select_option("#language", language)
    page.locator("form[action='/profile/you'] button[type=submit]").click()
    page.wait_for_url("**/profile?done=you")


def look(chromium: Browser, way: str) -> Page:
    """A page that is looked at in this way."""
    width, height, scheme, sharp = WAYS[way]
    context = chromium.new_context(
        viewport={"width": width, "height": height}, device_scale_factor=sharp,
        color_scheme=scheme, locale="en-US",  # type: ignore[arg-type,unused-ignore]
        has_touch=way == "phone",
    )  # fmt: skip
    return context.new_page()


def signed_in(page: Page, address: str, email: str) -> Page:
    """Sign in, and be where it leads."""
    page.goto(address)
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)
    return page


def take(page: Page, name: str, width: int) -> None:
    """Keep a picture of the page, of what is not far below."""
    page.mouse.move(0, 0)
    time.sleep(0.4)  # what fades has faded
    tall = min(int(page.evaluate("document.documentElement.scrollHeight")), LONGEST)
    if page.viewport_size and name in BARRED:
        tall = page.viewport_size["height"]
    asked: dict[str, Any] = {
        "format": "webp", "quality": QUALITY, "captureBeyondViewport": True,
        "clip": {"x": 0, "y": 0, "width": width, "height": tall, "scale": 1},
    }  # fmt: skip
    session = page.context.new_cdp_session(page)
    answer = session.send("Page.captureScreenshot", asked)
    session.detach()
    (FOLDER / f"{name}.webp").write_bytes(base64.b64decode(answer["data"]))


if __name__ == "__main__":
    main()
