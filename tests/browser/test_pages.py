"""Every page of the portal: axe finds nothing, no rule is broken, nothing sticks out at 320 px."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import Site

LOOKS = {
    "wide and light": {"viewport": {"width": 1360, "height": 900}, "color_scheme": "light"},
    "wide and dark": {"viewport": {"width": 1360, "height": 900}, "color_scheme": "dark"},
    "phone of 320 px": {
        "viewport": {"width": 320, "height": 640}, "color_scheme": "light", "has_touch": True,
    },
}  # fmt: skip
_RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=list(LOOKS))
def test_every_page_can_be_used_by_everybody(look: dict[str, Any], site: Site) -> None:
    ground = site.door.ground
    paid, waiting, open_ = ground.bill("250.00"), ground.bill("80.00"), ground.bill("120.50")
    payment, other = ground.paid((paid, "100.00")), ground.pay((waiting, "80.00"))
    found: list[str] = []
    context = site.context(**look)
    page = context.new_page()

    with complaints(page, found):
        visit(page, found, f"{site.address}/sign-in")
        site.sign_in_by_form(page)
        visit(page, found, f"{site.address}/invoices")
        page.locator("tbody .check:not([disabled])").first.check()
        page.wait_for_selector("#paybar.kept")
        look_at(page, found)
        visit(page, found, f"{site.address}/invoices?q=nothing")
        visit(page, found, f"{site.address}/invoices/{open_.pk}")
        page.locator("button[name=pay]:visible").first.click()
        for field in ("[data-pay]", "[name=method]", "[name=total]"):
            page.wait_for_selector(field, state="attached")
            look_at(page, found)
            if field != "[name=total]":
                page.locator("button.btn-primary").click()
        for address in (
            "/", "/why?what=open&currency=USD", "/why?what=balance&currency=USD",
            "/credits?tab=all", "/statement", "/orders", "/orders/SO-102141",
            "/payments", f"/payments/{payment.pk}", f"/payments/{other.pk}", "/nothing-here",
        ):  # fmt: skip
            visit(page, found, site.address + address)
    context.close()

    assert found == []


@contextmanager
def complaints(page: Page, found: list[str]) -> Iterator[None]:
    """Collect what the browser complains of: broken policy, missing files, faults of a script."""
    page.on("pageerror", lambda error: found.append(f"{page.url}: {error}"))
    page.on(
        "console",
        lambda said: (
            found.append(f"{page.url}: {said.text}")
            if said.type in {"error", "warning"} and "status of 404" not in said.text
            else None
        ),
    )
    yield


def visit(page: Page, found: list[str], address: str) -> None:
    page.goto(address)
    look_at(page, found)


def look_at(page: Page, found: list[str]) -> None:
    page.evaluate("Promise.allSettled(document.getAnimations().map(each => each.finished))")
    results = Axe().run(page, options=_RULES).response
    found += [
        f"{page.url}: {each['id']}: {node['html'][:200]}"
        for each in results["violations"]
        for node in each["nodes"]
    ]
    too_wide = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    if too_wide:
        found.append(f"{page.url}: {too_wide} px too wide")
