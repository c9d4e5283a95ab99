"""Whatever stands in a text of people or of an ERP, a page shows it as text and does nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import psycopg
import pytest
from playwright.sync_api import Browser, Dialog, Page, Request

from quittance.disputes.models import InvoiceDispute
from quittance.tenancy.rows import reading
from tests.backoffice import walk as office
from tests.browser.conftest import Site
from tests.ground import Ground
from tests.intruder.holes import planted
from tests.portal import walk as portal
from tests.portal.doors import PASSWORD, Door, fields_of, make_door
from tests.strange import MARK, STRINGS, packed, put_everywhere

if TYPE_CHECKING:
    from django.test import Client

    from tests.walk import Found

_HOUSE: Final = Path(__file__).parents[2] / "quittance"
_LOOK: Final = (Path(__file__).parents[1] / "strange" / "look.js").read_text()
_UNSEEN: Final = re.compile(r"[\s\x00-\x1f\x7f\ufffd]+")
_REFUSED: Final = re.compile(r"status of (4\d\d|503)")  # the ERP knows another number
_ELSEWHERE: Final = {"onward", "saving_onward"}  # pages that go on to a gateway by themselves
_WORKED_OUT: Final = str(7919 * 7907)  # what a template language would make of some of them


@dataclass
class Watch:
    """A page, and whatever happened on it that should not."""

    page: Page
    found: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)  # all that was shown
    boxes: dict[str, None] = field(default_factory=dict)  # addresses of searches, up to the value

    def visit(self, address: str) -> None:
        """Open it and look at every element."""
        self.page.goto(address)
        seen = self.page.evaluate(_LOOK, {"known": sorted(_tags()), "mark": MARK})
        self.found += [f"{address}: {each}" for each in seen["found"]]
        if _WORKED_OUT in seen["text"]:
            self.found.append(f"{address}: a template was worked out")
        self.text.append(_bare(seen["text"]))
        self.boxes |= dict.fromkeys(seen["boxes"])

    def unseen(self) -> list[str]:
        """Which strings no page has shown, letter by letter."""
        everything = "\n".join(self.text)
        return [each for each in STRINGS if _bare(each) not in everything]


@contextmanager
def watching(site: Site) -> Iterator[Watch]:
    """A page that remembers dialogs, refusals, faults and requests to strangers."""
    context = site.context()
    page = context.new_page()
    watch = Watch(page)

    def dialog(asked: Dialog) -> None:
        watch.found.append(f"{page.url}: dialog {asked.message}")
        asked.dismiss()

    def request(sent: Request) -> None:
        if not sent.url.startswith(("data:", f"{site.address}/")):
            watch.found.append(f"{page.url}: asked {sent.url}")

    page.on("dialog", dialog)
    page.on("request", request)
    page.on("pageerror", lambda error: watch.found.append(f"{page.url}: {error}"))
    page.on(
        "console",
        lambda said: (
            watch.found.append(f"{page.url}: {said.text}")
            if said.type in {"error", "warning"} and not _REFUSED.search(said.text)
            else None
        ),
    )
    yield watch
    context.close()


@lru_cache(maxsize=1)
def _tags() -> set[str]:
    """Every element that a template, a piece of markup in Python or a script of ours names."""
    files = [*_HOUSE.glob("*/templates/**/*.html"), *_HOUSE.glob("*/**/*.py")]
    files += _HOUSE.glob("*/static/**/*.js")
    return {
        tag for each in files for tag in re.findall(r"<([a-z][a-z0-9]*)[ >\n]", each.read_text())
    }


def _bare(text: str) -> str:
    return _UNSEEN.sub("", text)


def _pages(found: Iterable[Found]) -> list[str]:
    return [each.address for each in found if each.is_page and each.name not in _ELSEWHERE]


@pytest.fixture
def past_walls(_superuser: psycopg.Connection) -> psycopg.Connection:
    """A connection that sees and changes everything, and fires no trigger."""
    return _superuser


def _dana(door: Door) -> Client:
    client = door.client()
    client.post("/sign-in", {"email": "dana@example.test", "password": PASSWORD})
    return client


def _tell(client: Client, texts: Iterable[str]) -> None:
    """Send all of them as a buyer does: as messages about an invoice that is disputed."""
    with reading():
        there = f"/disputes/{InvoiceDispute.objects.order_by('pk').last().pk}"
    for each in texts:
        sent = fields_of(client.get(there).content) | {"text": each}
        answer = client.post(f"{there}/answer", sent)
        assert answer.status_code == 303, answer.content


def _messages() -> Iterator[str]:
    """The strings, in as few messages as hold them."""
    told = ""
    for each in STRINGS:
        if len(told) + len(each) > 1900:
            yield told
            told = ""
        told += f"{each} "
    yield told


def _search(watch: Watch, address: str) -> None:
    """Type the strings into every search box that was seen, and into one that is nowhere."""
    strings = iter(STRINGS * 9)
    for box in [*watch.boxes, "/nowhere?q="]:
        for typed in (next(strings), packed(strings, 1500)):
            watch.visit(f"{address}{box}{quote(typed)}")


def test_the_portal_shows_every_string_as_text(site: Site, past_walls: psycopg.Connection) -> None:
    given = portal.fill(site.door)
    client = _dana(site.door)
    addresses = _pages(portal.walk(client, given))
    columns = put_everywhere(past_walls, site.door.ground.organization_id)
    _tell(client, _messages())

    with watching(site) as watch:
        site.sign_in(watch.page)
        for each in addresses:
            watch.visit(site.address + each)
        _search(watch, site.address)

    assert "\n".join(watch.found) == ""
    assert watch.unseen() == []
    assert (len(addresses) > 25, columns > 60, len(watch.boxes) > 2) == (True, True, True)


def test_the_back_office_shows_every_string_as_text(
    ground: Ground, server: int, browser: Browser, past_walls: psycopg.Connection
) -> None:
    with make_door(ground, host=f"{ground.organization_id}.localhost") as door:
        site = Site(door, f"http://{door.host}:{server}", browser)
        addresses = _pages(office.walk(*office.fill(door)))
        columns = put_everywhere(past_walls, ground.organization_id)
        _tell(_dana(door), _messages())
        with watching(site) as watch:
            site.sign_in(watch.page, office.ADMINISTRATOR)
            for each in addresses:
                watch.visit(site.address + each)
            _search(watch, site.address)

    assert "\n".join(watch.found) == ""
    assert watch.unseen() == []
    assert (len(addresses) > 20, columns > 60, len(watch.boxes) > 2) == (True, True, True)


@pytest.mark.parametrize(("also", "alarm"), [(None, "element: "), ("the policy", ": dialog qx7")])
def test_a_page_that_does_not_escape_is_found_out(also: str | None, alarm: str, site: Site) -> None:
    """By what stands on the page where the policy holds, and by a dialog where it does not."""
    with planted("the escape of pages"), watching(site) as watch:
        site.sign_in(watch.page)
        with planted(also) if also else nullcontext():
            for each in islice(STRINGS, 0, 60, 8):
                watch.visit(f"{site.address}/invoices?q=" + quote(f'"> {each}'))

    assert [each for each in watch.found if alarm in each]
    assert also or [each for each in watch.found if "Content Security Policy" in each]
