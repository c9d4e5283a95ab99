"""What holds for every address of the portal, also for one that is added tomorrow."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from pypdf import PdfReader

from tests.ground import World, make_ground
from tests.portal.doors import Door, make_door
from tests.portal.walk import fill, walk
from tests.walk import Found

HOST = "pay.northwind.example"
PAGE, FIRST_VISIT = 60 * 1024, 100 * 1024  # bytes, compressed


@pytest.fixture(scope="module")
def everything(world: World) -> Iterator[tuple[Door, list[Found]]]:
    """One buyer's portal, walked once for all tests here."""
    from quittance.connections.open import close_adapters

    with make_ground(world) as ground, make_door(ground, host=HOST) as door:
        client = door.buyer()
        yield door, walk(client, fill(door))
    close_adapters()


@pytest.fixture(scope="module")
def pages(everything: tuple[Door, list[Found]]) -> list[Found]:
    """What people read in a browser."""
    found = [each for each in everything[1] if each.is_page]
    assert len(found) > 25
    return found


def loaded(client: Client, page: Found) -> dict[str, bytes]:
    """The style sheets and scripts that a browser fetches for the page."""
    text = page.content.decode()
    names = re.findall(r'<link rel="stylesheet" href="([^"?]+)', text)
    names += re.findall(r'<script src="([^"?]+)', text)
    return {name: file_of(client, name) for name in names}


def file_of(client: Client, address: str) -> bytes:
    if not address.startswith("/static/"):
        return bytes(client.get(address).content)
    path = finders.find(address.removeprefix("/static/"))
    assert path, address
    return Path(str(path)).read_bytes()


def packed(content: bytes) -> int:
    """How many bytes go over the wire."""
    return len(gzip.compress(content, 6))


def opened(found: Found) -> bytes:
    """What is in a file besides what can be read as it lies there: names, metadata, text."""
    if found.kind == "application/pdf":
        reader = PdfReader(io.BytesIO(found.content))
        text = " ".join(page.extract_text() for page in reader.pages)
        metadata = " ".join(map(str, (reader.metadata or {}).values()))
        more = reader.xmp_metadata.stream.get_data() if reader.xmp_metadata else b""
        return f"{text} {metadata}".encode() + more
    if found.content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(found.content)) as archive:
            inside = b" ".join(archive.read(name) for name in archive.namelist())
            return " ".join(archive.namelist()).encode() + inside + archive.comment
    return b""


def test_nothing_that_a_buyer_gets_names_the_product(everything: tuple[Door, list[Found]]) -> None:
    door, answers = everything
    client = door.client()
    bodies = {each.address: each.content + opened(each) for each in answers}
    bodies |= {f"headers of {each.address}": each.headers.encode() for each in answers}
    for each in answers:
        if each.is_page:
            bodies |= loaded(client, each)
    bodies["missing"] = client.get("/nothing-here").content
    bodies["icons"] = file_of(client, "/static/ui/icons.svg")

    kinds = {each.kind for each in answers}
    assert {"application/pdf", "text/csv", "application/zip"} <= kinds
    assert [name for name, body in bodies.items() if b"quittance" in body.lower()] == []


def test_only_who_wants_it_says_powered_by(everything: tuple[Door, list[Found]]) -> None:
    from dataclasses import replace

    from quittance.branding.keep import chosen_of, keep_brand
    from quittance.branding.models import Brand
    from quittance.tenancy.rows import reading

    door, _ = everything
    with reading():
        kept = chosen_of(Brand.objects.get())
    client = door.signed_in("C-10482", email="second@example.test")
    before = client.get("/invoices").content

    keep_brand(replace(kept, names_product=True))
    wished = client.get("/invoices").content
    keep_brand(kept)

    assert b"Powered by" not in before
    assert b"Powered by Quittance" in wished


def test_every_page_is_light(pages: list[Found]) -> None:
    heavy = {each.name: size for each in pages if (size := packed(each.content)) > PAGE}

    assert heavy == {}


def test_a_first_visit_is_light_with_all_styles_and_scripts(
    everything: tuple[Door, list[Found]], pages: list[Found]
) -> None:
    client = everything[0].client()
    sums = {
        each.name: packed(each.content) + sum(map(packed, loaded(client, each).values()))
        for each in pages
    }

    assert len(loaded(client, pages[0])) >= 4
    assert {name: size for name, size in sums.items() if size > FIRST_VISIT} == {}
