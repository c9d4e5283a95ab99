"""Every page of the back office in a browser: light, dark, right to left, on phones, by keyboard.

One organization with something of everything serves all tests here. Those that act come last, in
the order in which they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Site
from tests.browser.looks import WIDE, complaints, look_at, look_everywhere, what_sticks_out
from tests.browser.office import PEOPLE, Office, fill
from tests.ground import World, make_ground
from tests.portal.doors import make_door


@pytest.fixture(scope="module")
def office(world: World, server: int, browser: Browser) -> Iterator[tuple[Site, Office]]:
    """The back office of one organization, and what was made in it."""
    from quittance.connections.open import close_adapters

    with (
        make_ground(world) as ground,
        make_door(ground, host=f"{ground.organization_id}.localhost") as door,
    ):
        yield Site(door, f"http://{door.host}:{server}", browser), fill(door)
    close_adapters()


@pytest.fixture(scope="module")
def desk(office: tuple[Site, Office]) -> Iterator[Page]:
    """A page at which Priya, a clerk, is signed in."""
    yield from _signed_in(office[0], "priya")


@pytest.fixture(scope="module")
def other_desk(office: tuple[Site, Office]) -> Iterator[Page]:
    """A page at which Mo, another clerk, is signed in."""
    yield from _signed_in(office[0], "mo")


def _signed_in(site: Site, name: str) -> Iterator[Page]:
    context: BrowserContext = site.context(viewport=WIDE)
    page = context.new_page()
    site.sign_in(page, f"{name}@example.test")
    yield page
    context.close()


def at(office: tuple[Site, Office], path: str) -> str:
    return f"{office[0].address}/office{path}"


def rows(page: Page, address: str) -> dict[str, str]:
    """The address of a row of each kind in the queue, by the kind's title."""
    page.goto(address)
    found = page.eval_on_selector_all(
        ".queue-list a",
        "all => all.map(a => [a.querySelector('.status').innerText.trim(), a.href])",
    )
    return dict(reversed(found))


def test_every_kind_of_exception_can_be_used_by_everybody(
    office: tuple[Site, Office], desk: Page
) -> None:
    found: list[str] = []
    kinds = rows(desk, at(office, "/exceptions"))

    with complaints(desk, found):
        look_everywhere(desk, found, at(office, "/exceptions"))
        for title, address in kinds.items():
            desk.set_viewport_size(WIDE)
            desk.goto(address)
            expect(desk.locator("#h-exception"), title).to_have_count(1)
            if title in {"Posting refused", "Waits for a second person", "Unknown money"}:
                look_everywhere(desk, found, address)
                continue
            desk.set_viewport_size({"width": 320, "height": 860})
            found += [f"{title}: {words}" for words in what_sticks_out(desk)]

    assert len(kinds) == 16
    assert found == []


def test_every_other_page_of_the_office_can_be_used_by_everybody(
    office: tuple[Site, Office], desk: Page
) -> None:
    number, found = office[1].back.number, list[str]()

    with complaints(desk, found):
        for path in (
            "/payments", "/payments?tab=returned", f"/payments/{number}",
            f"/payments/{number}/refund", "/books?days=30", "/exceptions/handled", "/nothing-here",
        ):  # fmt: skip
            look_everywhere(desk, found, at(office, path))
        desk.goto(at(office, f"/payments/{number}/refund"))
        desk.fill("#note", "Short shipment")
        desk.click("button:has-text('Continue')")
        desk.wait_for_selector("h1:has-text('Refund')")
        look_at(desk, found)

    assert found == []


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("/exceptions?sort=oldest&kind=posting_refused", "Send it again"),
        ("/exceptions?kind=postings_stopped", "Let the postings go on"),
        ("/exceptions?kind=unknown_money", "Give back"),
        ("/payments/{number}", "Refund"),
        ("/payments/{number}/refund", "Continue"),
        ("/exceptions/handled", "It is not all right after all"),
    ],
)
def test_the_main_act_of_a_page_is_reached_by_the_keyboard(
    path: str, wanted: str, office: tuple[Site, Office], desk: Page
) -> None:
    desk.set_viewport_size(WIDE)
    desk.goto(at(office, path.format(number=office[1].back.number)))

    reached: list[str] = []
    for _ in range(80):
        desk.keyboard.press("Tab")
        reached.append(desk.evaluate("document.activeElement.innerText || ''"))
        if reached[-1].strip().startswith(wanted):
            break

    assert reached[-1].strip().startswith(wanted), reached
    assert desk.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"


def test_a_clerk_takes_an_exception_and_sends_it_again(
    office: tuple[Site, Office], desk: Page
) -> None:
    number = office[1].retried.number
    _open(desk, office, "posting_refused", number)

    desk.click(".way .option:has-text('Hand it to a colleague')")
    desk.click("button:has-text('Hand over')")
    expect(desk.locator("#main")).to_contain_text("looked after by Priya Raman")
    desk.click(".way .option:has-text('Send it to the ERP again')")
    desk.click("button:has-text('Send it again')")
    expect(desk.get_by_role("status")).to_contain_text("on its way to the ERP again")

    assert number not in desk.locator(".queue-list").inner_text()
    _not_in_queue(desk, office, "posting_refused", number)


def test_a_finding_is_handled_with_a_note_and_put_back(
    office: tuple[Site, Office], desk: Page
) -> None:
    desk.goto(at(office, "/exceptions?kind=returned"))
    desk.fill("#note-handle", "They paid by cheque.")
    desk.click("button:has-text('Mark as handled')")
    expect(desk.get_by_role("status")).to_contain_text("Marked as handled, with your note")

    desk.goto(at(office, "/exceptions/handled"))
    first = desk.locator(".ledger-list > li").first
    expect(first).to_contain_text("They paid by cheque.")
    first.locator("summary").click()
    first.locator("textarea").fill("It bounced.")
    first.locator("button").click()

    expect(desk.get_by_role("status")).to_contain_text("It waits again")
    expect(desk.locator("#h-exception")).to_contain_text("The bank took payment")


def test_the_second_person_confirms_and_the_row_leaves_the_queue(
    office: tuple[Site, Office], desk: Page, other_desk: Page
) -> None:
    number = office[1].asked.number
    desk.goto(at(office, "/exceptions?kind=second_person"))
    expect(desk.locator("#main")).to_contain_text("somebody else confirms it")
    expect(desk.locator("button:has-text('Confirm it')")).to_have_count(0)

    other_desk.goto(at(office, "/exceptions?kind=second_person"))
    expect(other_desk.locator("#main")).to_contain_text(f"Put {number} on account")
    expect(other_desk.locator("#main")).to_contain_text(PEOPLE["priya"][0])
    other_desk.click("button:has-text('Confirm it')")
    other_desk.wait_for_url(re.compile(rf"/office/payments/{number}\?done=confirmed"))

    expect(other_desk.get_by_role("status").first).to_contain_text("Done, as it was asked for")
    desk.goto(at(office, "/exceptions"))
    assert "Waits for a second person" not in desk.locator(".queue-list").inner_text()


def _open(page: Page, office: tuple[Site, Office], kind: str, number: str) -> None:
    page.goto(at(office, f"/exceptions?kind={kind}"))
    for address in _addresses(page):
        page.goto(address)
        if number in page.locator("#h-exception").inner_text():
            return
    raise AssertionError(f"{number} does not wait")


def _not_in_queue(page: Page, office: tuple[Site, Office], kind: str, number: str) -> None:
    page.goto(at(office, f"/exceptions?kind={kind}"))
    for address in _addresses(page):
        page.goto(address)
        assert number not in page.locator("#h-exception").inner_text()


def _addresses(page: Page) -> list[str]:
    return page.eval_on_selector_all(  # type: ignore[no-any-return]
        ".queue-list a", "all => all.map(a => a.href)"
    )
