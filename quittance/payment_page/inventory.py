"""Reads the inventory of what payment pages may load. Source: PCI DSS 4.0.1, 6.4.3."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from quittance.gateways.facts import Origins

FILE: Final = Path(__file__).with_name("inventory.toml")
LINK, FIELDS = "link", "fields"  # the pages
_STAMP: Final = re.compile(r"\.[0-9a-f]{12}(?=\.\w+$)")  # as Django's storage stamps its files
_URL: Final = re.compile(rb"""url\(\s*["']?([^"')]+?)(?:\.[0-9a-f]{12})?(\.\w+)["']?\s*\)""")
_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """A file of ours."""

    file: str  # as templates name it: "ui/app.js"
    kind: str  # "script" or "style"
    sha256: str  # see ``hash_of``
    pages: Sequence[str]
    owner: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What is made anew for each seller, from settings."""

    address: str  # how its path begins
    kind: str
    pages: Sequence[str]
    owner: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfGateway:
    """What a gateway's fields bring along, as its adapter's folder says."""

    module: str  # our own file for it
    sha256: str  # of the module
    owner: str
    purpose: str
    source: str  # who says which origins it needs
    origins: Origins

    def allowed(self, wanted: Origins) -> Origins:
        """Return the origins that an account of it may name: of this machine any, else ours only.

        A gateway on the machine itself is a sandbox: a page that asks it has no other buyer.
        """
        named = [*wanted.script, *wanted.frame, *wanted.connect, *wanted.image]
        here = named and all(urlsplit(each).hostname in _HERE for each in named)
        return wanted if here else self.origins


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """All of it that is the same at every gateway."""

    own: Sequence[Own]
    made: Sequence[Made]
    titles: Mapping[str, str]  # of the pages
    _headers: Mapping[str, Mapping[str, str]]
    _policies: Mapping[str, Mapping[str, str]]

    def headers_of(self, page: str, origins: Origins, *, https: bool) -> dict[str, str]:
        """Return the headers that a page comes with, but for its policy."""
        said = {**self._headers[""], **self._headers[page]}
        if https:
            said |= self._headers["https"]
        quoted = " ".join(["self", *(f'"{each}"' for each in origins.frame)])
        return {name: value.replace("{frame}", quoted) for name, value in said.items()}

    def policy_of(self, page: str, origins: Origins) -> dict[str, frozenset[str]]:
        """Return the page's Content-Security-Policy: each directive with its sources."""
        words = {
            name: " ".join(getattr(origins, name))
            for name in ("script", "frame", "connect", "image")
        }
        said = {
            name: frozenset(value.format(**words).split())
            for name, value in self._policies[page].items()
        }
        return {name: sources for name, sources in said.items() if sources}


@cache
def inventory() -> Inventory:
    """Return the inventory of this release."""
    said: dict[str, Any] = tomllib.loads(FILE.read_text("utf-8"))
    pages = said["page"]
    headers = {"": said["headers"], "https": said["headers_of_https"]}
    return Inventory(
        own=[Own(**each) for each in said["own"]],
        made=[Made(**each) for each in said["made"]],
        titles={name: each["title"] for name, each in pages.items()},
        _headers=headers | {name: each["headers"] for name, each in pages.items()},
        _policies={name: each["policy"] for name, each in pages.items()},
    )


def hash_of(content: bytes, *, kind: str) -> str:
    """Return the SHA-256 of a file in hex, the same before and after the files were collected.

    Collecting them puts a stamp into the addresses within a style sheet, which is left out here.
    """
    plain = _URL.sub(rb"url(\1\2)", content) if kind == "style" else content
    return hashlib.sha256(plain).hexdigest()


def plain_name(path: str) -> str:
    """Return a file's name without the stamp that collecting gave it."""
    return _STAMP.sub("", path)


def read_of_gateway(text: str) -> OfGateway:
    """Return what an adapter's ``fields_inventory`` says."""
    said: dict[str, Any] = tomllib.loads(text)
    names = ("script", "frame", "connect", "image")
    rest = {name: value for name, value in said.items() if name not in names}
    return OfGateway(**rest, origins=Origins(**{name: tuple(said[name]) for name in names}))
