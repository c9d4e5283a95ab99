"""Lists that are uploaded and files that are taken away: for everybody, also without script."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from quittance.exports.ask import ask_for
from quittance.exports.fill import fill
from quittance.identity.models import User
from quittance.tenancy.rows import reading
from tests.browser.conftest import Site
from tests.browser.looks import LOOKS, complaints, look_at, visit
from tests.ground import HARBORLINE
from tests.portal.mirrored import put_invoice

LIST = "\n".join(["IN-1;100,50", "IN-2;900,00", "NONE;5,00", ";5,00"])


@pytest.mark.parametrize("look", LOOKS.values(), ids=list(LOOKS))
def test_every_page_of_lists_and_files_can_be_used_by_everybody(
    look: dict[str, Any], site: Site
) -> None:
    ground, found = site.door.ground, []  # type: ignore[var-annotated]
    own, real = ground.account(HARBORLINE), ground.bill("250.00")
    rows = [put_invoice(own, 25_000, number=f"IN-{n}") for n in range(12)]
    with reading():
        person = User.objects.get(email="dana@example.test")
    running, ready = (
        ask_for("zip", [real.pk, *(each.pk for each in rows)], user_id=person.pk) for _ in range(2)
    )
    fill(ready)
    context = site.context(**look)
    page = context.new_page()

    with complaints(page, found):
        site.sign_in(page)
        page.locator(".page-head details.drop summary").click()
        look_at(page, found)
        for address in (
            "/files",
            f"/files/{running}",
            f"/files/{ready}",
            "/documents",
            "/remittance",
        ):
            visit(page, found, site.address + address)
        page.fill("#text", LIST)
        page.click("button.btn-primary")
        page.wait_for_selector("[name=number-4]")
        look_at(page, found)
    context.close()

    assert found == []


def test_a_list_is_uploaded_corrected_and_paid_without_any_script(site: Site) -> None:
    own = site.door.ground.account(HARBORLINE)
    for n in (1, 2, 3):
        put_invoice(own, 25_000, number=f"IN-{n}")
    context = site.context(java_script_enabled=False)
    page = context.new_page()
    site.sign_in(page)
    page.goto(f"{site.address}/remittance")

    page.fill("#text", LIST)
    page.click("button.btn-primary")
    page.fill("[name=amount-2]", "250.00")
    page.fill("[name=number-3]", "IN-3")
    page.check("[name=drop][value='4']")
    page.click(".card-foot button:has-text('Check again')")
    page.click("button:has-text('Go on with $355.50')")
    expect(page.locator("[data-pay]")).to_have_count(3)
    amounts = [each.input_value() for each in page.locator("[data-pay]").all()]
    context.close()

    assert sorted(amounts) == ["100.50", "250.00", "5.00"]


def test_the_pdfs_of_ticked_invoices_are_downloaded(site: Site) -> None:
    invoice = site.door.ground.bill("250.00")
    context = site.context(java_script_enabled=False, accept_downloads=True)
    page = context.new_page()
    site.sign_in(page)

    page.locator(f"input[name=invoice][value='{invoice.pk}']").check()
    page.locator(".page-head details.drop summary").click()
    with page.expect_download() as waiting:
        page.locator("button[name=files][value=zip]").click()
    name = waiting.value.suggested_filename
    context.close()

    assert name.endswith(".zip")
