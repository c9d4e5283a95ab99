"""Every page of the portal: axe finds nothing, no rule is broken, nothing sticks out at 320 px."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import Site
from tests.browser.looks import LOOKS, complaints, look_at, visit


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
