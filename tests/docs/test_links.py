"""The documents point at what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")], key=lambda page: page.as_posix()
)
_LINK = re.compile(r"(?<!`)\[[^\]]*\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"")


def links_of(page: Path) -> list[str]:
    """Every target that a page links to or shows, without those in code blocks."""
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    return [first or second for first, second in _LINK.findall(text)]


def headings_of(page: Path) -> set[str]:
    """The anchors that a forge makes of a page's headings."""
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    heads = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    broken = []
    for link in links_of(page):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (anchor and anchor not in headings_of(target)):
            broken.append(link)

    assert broken == []


def test_every_page_of_docs_stands_in_an_index() -> None:
    indexes = (ROOT / "docs/README.md", ROOT / "docs/decisions/README.md")
    linked = {
        (index.parent / link.partition("#")[0]).resolve()
        for index in indexes
        for link in links_of(index)
    }
    pages = {page for page in PAGES if page.is_relative_to(ROOT / "docs")} - {indexes[0]}

    assert {str(page.relative_to(ROOT)) for page in pages - linked} == set()


def test_every_decision_has_a_number_of_its_own_and_says_why_and_what_follows() -> None:
    decisions = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))
    numbers = [page.name[:4] for page in decisions]
    wanted = {"context", "decision", "consequences"}

    assert len(decisions) > 5
    assert len(set(numbers)) == len(numbers)
    assert {page.name: wanted - headings_of(page) for page in decisions} == {
        page.name: set() for page in decisions
    }


def test_no_page_names_a_make_target_that_is_not_there() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, flags=re.MULTILINE))
    command = re.compile(r"(?:^|`)make ([a-z][a-z-]*)", flags=re.MULTILINE)
    named = {
        (page.name, target) for page in PAGES for target in command.findall(page.read_text("utf-8"))
    }

    assert ("README.md", "demo") in named
    assert ("README.md", "test") in named
    assert {(page, target) for page, target in named if target not in targets} == set()


def test_every_make_target_is_described() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    described = set(re.findall(r"^([a-z][a-z-]*):.*## ", makefile, flags=re.MULTILINE))
    page = (ROOT / "docs/reference/commands.md").read_text("utf-8")

    assert described - set(re.findall(r"^\| `make ([a-z-]+)`", page, flags=re.MULTILINE)) == set()
