"""Takes the pictures of the documentation from a running demo: ``python -m docs.images.make``.

Needs the tests' environment (``make dev``), a Chromium and a new demo (``make demo-reset``); the
address of its portal is the argument. It pays three invoices on the way, so the next time needs a
new demo again.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Locator, Page, sync_playwright

from demo import browser
from demo.company import PASSWORD, PEOPLE

FOLDER = Path(__file__).parent
QUIET = (
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
BUYER, CLERK = PEOPLE[0][1], PEOPLE[-1][1]
COMPANY = "Harborline Hotels"
SIZE = {"width": 1200, "height": 780}


def main() -> None:
    """Take them all."""
    parser = argparse.ArgumentParser(prog="python -m docs.images.make", description=__doc__)
    parser.add_argument("address", nargs="?", default="http://localhost:8000")
    address: str = parser.parse_args().address
    arguments = [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser.find(), args=arguments)
        for scheme in ("light", "dark"):
            page = _signed_in(chromium, address, BUYER, scheme)
            _choose_three(page)
            _take(page, f"invoices-{scheme}", height=768)  # no row cut in two below the bar
            page.context.close()
        page = _signed_in(chromium, address, BUYER)
        _choose_three(page)
        _pay(page)
        page.context.close()
        clerk = _signed_in(chromium, f"{address}/office/", CLERK)
        clerk.locator("main table a").first.click()
        clerk.wait_for_url("**/office/payments/*")
        _take(clerk, "office")
        chromium.close()


def _signed_in(chromium: Browser, address: str, email: str, scheme: str = "light") -> Page:
    context: BrowserContext = chromium.new_context(
        viewport=SIZE, device_scale_factor=1.5, color_scheme=scheme,  # type: ignore[arg-type,unused-ignore]
        locale="en-US",
    )  # fmt: skip
    page = context.new_page()
    page.goto(address)
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)
    return page


def _choose_three(page: Page) -> None:
    """Go to the larger account and tick its first three invoices."""
    page.locator("header summary").first.click()
    page.locator("header button[name=account]", has_text=COMPANY).click()
    page.wait_for_function("name => document.querySelector('header').innerText.includes(name)",
                           arg=COMPANY)  # fmt: skip
    boxes = page.locator("input[name=invoice]:enabled")
    for place in range(3):
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
    page.fill("input[name=number]", "4242 4242 4242 4242")
    page.fill("input[name=expiry]", "12/39")
    page.fill("input[name=cvc]", "123")
    page.fill("input[name=name]", "Dana Okafor")
    _take(page, "gateway")
    page.locator("button[type=submit]").first.click()
    page.wait_for_url("**/payments/**")
    page.get_by_text("The invoices show it").wait_for(timeout=60_000)
    _take(page, "receipt")


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
