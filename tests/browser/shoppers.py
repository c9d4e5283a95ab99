"""What buyers do at a checkout in a browser, and what became of their payment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.conftest import Site
from tests.payments.rows import make_older

if TYPE_CHECKING:
    from playwright.sync_api import FrameLocator, Page

    from quittance.payments.models import Payment

SLOW = 40_000  # ms; a machine with other work is no reason to fail
TYPED = {"expiry": "12/39", "cvc": "123", "name": "Dana Okafor"}


def new_page(site: Site, **options: object) -> Page:
    """A browser of its own in which the buyer is signed in."""
    context = site.context(**options)
    context.set_default_timeout(SLOW)
    page = context.new_page()
    site.sign_in(page)
    return page


def to_review(site: Site, page: Page, way: str = "card") -> None:
    """Walk from an invoice of 250 dollars to the last step."""
    invoice = site.door.ground.bill("250.00")
    page.goto(f"{site.address}/invoices/{invoice.pk}")
    page.click("button[name=pay]:visible")
    page.click("button:has-text('Continue')")
    page.check(f"input[value={way}]")
    page.click("button:has-text('Continue')")
    page.wait_for_url("**/review")


def press_pay(page: Page) -> None:
    """Press the button of the review, and be where it leads."""
    page.click("button:has-text('Pay $250.00')")
    page.wait_for_url(lambda url: not url.endswith(("/review", "/onward", "/pay")))


def fields_of(page: Page, place: str = "[data-place]") -> FrameLocator:
    """The frame of the gateway's fields, once they can be typed in."""
    page.wait_for_selector("[data-ready]")
    return page.frame_locator(f"{place} iframe").first


def type_in(page: Page, number: str) -> FrameLocator:
    """Type a card into the fields on our page and press Pay."""
    frame = fields_of(page)
    for name, value in {"number": number, **TYPED}.items():
        frame.locator(f"#{name}").fill(value)
    page.press("[data-pay]", "Enter")  # right after a scroll, a click can land in the frame
    return frame


def on_page(page: Page, number: str) -> None:
    """Type a card on the gateway's page and press its button."""
    for name, value in {"number": number, **TYPED}.items():
        page.fill(f"[name={name}]", value)
    page.locator("form button[type=submit]").first.click()


def latest() -> Payment:
    """The payment that was made last."""
    from quittance.payments.models import Payment
    from quittance.tenancy.rows import reading
    from quittance.tenancy.scope import widened

    with widened(), reading():
        return Payment.objects.order_by("-created_at")[0]


def settled(site: Site) -> str:
    """What a worker's look makes of the latest payment now."""
    return site.door.ground.advance(latest()).status


def settled_later(site: Site) -> str:
    """What the sweeps make of it once the payer's hour is over."""
    payment = latest()
    make_older(payment, hours=2)
    return site.door.ground.advance(payment).status
