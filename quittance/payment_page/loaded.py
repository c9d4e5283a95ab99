"""Reads out of a page what a browser would load and run of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin, urlsplit

FACTS: Final = "fields-facts"  # the id of the data that a gateway's module is given
_FRAMES: Final = {"iframe": "src", "frame": "src", "object": "data", "embed": "src"}
_RUNS: Final = ("on", "hx-on", "data-hx-on")  # how attributes begin whose value is a script
_LEADS: Final = frozenset({"href", "src", "action", "formaction", "data", "xlink:href", "srcdoc"})
_DATA: Final = frozenset({"application/json", "application/ld+json"})


@dataclass(frozen=True, slots=True)
class Loaded:
    """Something that the page has a browser load."""

    kind: str  # "script", "style"
    address: str  # absolute


@dataclass(slots=True)
class Page:
    """What a page loads, and what no page of ours has."""

    loaded: list[Loaded] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    facts: str = ""  # the data under ``FACTS``


def read_page(text: str, *, address: str) -> Page:
    """Read the markup that came from ``address``. No markup breaks it."""
    reader = _Reader(address)
    reader.feed(text)
    reader.close()
    return reader.page


class _Reader(HTMLParser):
    """Reads tags as a browser does; what browsers read in other ways, no page of ours has.

    That is comments and all that this parser skips as it skips them: a browser ends some of them
    sooner, and runs what stands behind.
    """

    def __init__(self, address: str) -> None:
        super().__init__()
        self.page = Page()
        self._address = address
        self._in_facts = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what the tag loads or runs."""
        said = {name: value or "" for name, value in reversed(attrs)}  # the first one counts
        self._attributes(tag, said)
        if tag == "script":
            self._script(said)
        elif tag == "link":
            self._link(said)
        elif tag in _FRAMES:
            self._wrong(f"a frame: {self._absolute(said.get(_FRAMES[tag], ''))}")
        elif tag == "style":
            self._wrong("a style sheet within the page")
        elif tag == "base" or (tag == "meta" and "http-equiv" in said):
            self._wrong(f"a tag that changes what the others mean: {tag}")
        elif tag == "form":
            self._form(said.get("action", ""))

    handle_startendtag = handle_starttag

    def handle_comment(self, data: str) -> None:
        """No page of ours has one."""
        self._wrong(f"a comment: {data}")

    def handle_pi(self, data: str) -> None:
        """No page of ours has one."""
        self._wrong(f"an instruction: {data}")

    def unknown_decl(self, data: str) -> None:
        """No page of ours has one."""
        self._wrong(f"a declaration: {data}")

    def handle_decl(self, decl: str) -> None:
        """Nothing but what every page begins with."""
        if decl.lower() != "doctype html":
            self._wrong(f"a declaration: {decl}")

    def handle_endtag(self, tag: str) -> None:
        """The data end with their tag."""
        if tag == "script":
            self._in_facts = False

    def handle_data(self, data: str) -> None:
        """Keep the data of the gateway's module."""
        if self._in_facts:
            self.page.facts += data

    def _script(self, said: dict[str, str]) -> None:
        if "src" in said:
            self.page.loaded.append(Loaded("script", self._absolute(said["src"])))
        elif said.get("type", "").strip().lower() not in _DATA:
            self._wrong("a script within the page")
        else:
            self._in_facts = said.get("id") == FACTS

    def _link(self, said: dict[str, str]) -> None:
        means = set(said.get("rel", "").lower().split())
        address = self._absolute(said.get("href", ""))
        if "stylesheet" in means:
            self.page.loaded.append(Loaded("style", address))
        elif means != {"icon"} and not (means == {"preload"} and said.get("as") == "font"):
            self._wrong(f"a link for {' '.join(sorted(means)) or 'nothing'}: {address}")

    def _form(self, action: str) -> None:
        if origin_of(self._absolute(action)) != origin_of(self._address):
            self._wrong(f"a form that is sent elsewhere: {self._absolute(action)}")

    def _attributes(self, tag: str, said: dict[str, str]) -> None:
        for name, value in said.items():
            scheme = "".join(each for each in value if each > " ").lower()[:11]
            if name.startswith(_RUNS) or (name in _LEADS and scheme == "javascript:"):
                self._wrong(f"a script in the attribute {name} of {tag}")
            elif name == "formaction":
                self._form(value)
            elif name == "style":
                self._wrong(f"a style in an attribute of {tag}")

    def _wrong(self, what: str) -> None:
        self.page.wrong.append(what[:200])

    def _absolute(self, address: str) -> str:
        return absolute(self._address, address.strip())


def absolute(page: str, address: str) -> str:
    """Return where an address on a page leads; one that is none leads nowhere: "invalid:"."""
    try:
        return urljoin(page, address)
    except ValueError:  # as "//["
        return f"invalid:{address[:100]}"


def origin_of(address: str) -> tuple[str, str]:
    """Return scheme, host and port of an absolute address."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "invalid", ""
    return parts.scheme, parts.netloc
