"""Takes the pictures of the documentation from a running demo: ``python -m docs.images.make``.

Needs the tests' environment (``make dev``), a Chromium and a new demo (``make demo-reset``); the
addresses of its portal and of the Business Central sandbox's control port are the arguments. It
pays invoices on the way, so the next time needs a new demo again.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import Request, urlopen

from playwright.sync_api import Browser, BrowserContext, Locator, Page, sync_playwright

from demo import browser
from demo.company import PASSWORD, PEOPLE

FOLDER = Path(__file__).parent
QUIET = (
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
BUYER, CLERK = PEOPLE[0][1], PEOPLE[-1][1]
COMPANY, SECOND = "Harborline Hotels", "Harborline Events"
SIZE = {"width": 1200, "height": 780}


def main() -> None:
    """Take them all."""
    parser = argparse.ArgumentParser(prog="python -m docs.images.make", description=__doc__)
    parser.add_argument("address", nargs="?", default="http://localhost:8000")
    parser.add_argument("erp_control", nargs="?", default="http://127.0.0.1:8102")
    chosen = parser.parse_args()
    address: str = chosen.address
    arguments = [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser.find(), args=arguments)
        for scheme in ("light", "dark"):
            page = _signed_in(chromium, address, BUYER, scheme)
            _choose(page, COMPANY, 3)
            _take(page, f"invoices-{scheme}", height=768)  # no row cut in two below the bar
            page.context.close()
        page = _signed_in(chromium, address, BUYER)
        _choose(page, COMPANY, 3)
        _pay(page)
        page.context.close()
        clerk = _signed_in(chromium, f"{address}/office/", CLERK)
        clerk.locator("main table a").first.click()
        clerk.wait_for_url("**/office/payments/*")
        _take(clerk, "office")
        clerk.context.close()
        take_exceptions(chromium, address, chosen.erp_control)
        chromium.close()


def take_exceptions(chromium: Browser, address: str, erp_control: str) -> None:
    """Take the queue while the ERP's period is closed and it refuses what buyers pay."""
    _posting_range(erp_control, {"from": "2026-01-01", "to": "2026-01-31"})
    page = _signed_in(chromium, address, BUYER)
    for company, count in ((SECOND, 1), (COMPANY, 1), (COMPANY, 2)):
        page.goto(f"{address}/invoices")
        _choose(page, company, count)
        page.locator("button[name=pay]").click()
        for onward in ("**/method", "**/review", "**/pay/*"):
            if onward == "**/review":
                page.locator("input[name=method][value=card]").check()
            _go_on(page, onward)
        type_card(page)
        page.locator("button[type=submit]").first.click()
        page.wait_for_url("**/payments/**")
        page.get_by_text("Your payment is safe").wait_for(timeout=60_000)
    page.context.close()
    take_queue(chromium, address)
    _posting_range(erp_control, {})


def take_queue(chromium: Browser, address: str) -> None:
    """Take the queue as it is now, down to the suggested way out."""
    clerk = _signed_in(chromium, f"{address}/office/exceptions", CLERK, sharp=1.1)
    clerk.set_viewport_size({"width": SIZE["width"], "height": 1000})
    _take(clerk, "exceptions", height=1000)
    clerk.context.close()


def _posting_range(erp_control: str, days: dict[str, str]) -> None:
    """Have the seller's clerk close the period in the ERP, or open it again."""
    request = Request(  # noqa: S310 - an address of this machine
        f"{erp_control}/clerk/posting-range", json.dumps(days).encode(),
        {"Content-Type": "application/json"},
    )  # fmt: skip
    with urlopen(request, timeout=30):  # noqa: S310
        pass


def _signed_in(
    chromium: Browser, address: str, email: str, scheme: str = "light", *, sharp: float = 1.5
) -> Page:
    context: BrowserContext = chromium.new_context(
        viewport=SIZE, device_scale_factor=sharp, color_scheme=scheme,  # type: ignore[arg-type,unused-ignore]
        locale="en-US",
    )  # fmt: skip
    page = context.new_page()
    page.goto(address)
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)
    return page


def _choose(page: Page, company: str, count: int) -> None:
    """Go to one of the buyer's accounts and tick its first invoices."""
    page.locator("header summary").first.click()
    page.locator("header button[name=account]", has_text=company).click()
    page.wait_for_function("name => document.querySelector('header').innerText.includes(name)",
                           arg=company)  # fmt: skip
    page.goto(urljoin(page.url, "/invoices"))
    boxes = page.locator("input[name=invoice]:enabled")
    for place in range(count):
        boxes.nth(place).check()
        page.get_by_text(f"{place + 1} invoice").first.wait_for()


def _pay(page: Page) -> None:
    page.locator("button[name=pay]").click()
    amounts = page.locator("input[name^=amount-]")
    amounts.first.fill("500.00")
    amounts.first.blur()
    _take(page, "amounts")
    _go_on(page, "**/method")
    page.locator("input[name=method][value=card]").check()
    _go_on(page, "**/review")
    _take(page, "review")
    _go_on(page, "**/pay/*")
    type_card(page)
    _take(page, "gateway")
    page.locator("button[type=submit]").first.click()
    page.wait_for_url("**/payments/**")
    page.get_by_text("The invoices show it").wait_for(timeout=60_000)
    _take(page, "receipt")


def type_card(page: Page) -> None:
    """Fill the sandbox's page with a card that is taken."""
    page.fill("input[name=number]", "4242 4242 4242 4242")
    page.fill("input[name=expiry]", "12/39")
    page.fill("input[name=cvc]", "123")
    page.fill("input[name=name]", "Dana Okafor")


def _go_on(page: Page, onward: str) -> None:
    button: Locator = page.locator("main form[method=post] button[type=submit]:visible").last
    button.click()
    page.wait_for_url(onward)


def _take(page: Page, name: str, *, height: int = SIZE["height"]) -> None:
    page.mouse.move(0, 0)
    time.sleep(0.5)  # what fades has faded
    page.screenshot(
        path=FOLDER / f"{name}.png", animations="disabled",
        clip={"x": 0, "y": 0, "width": SIZE["width"], "height": height},
    )  # fmt: skip


if __name__ == "__main__":
    main()
