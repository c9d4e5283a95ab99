"""Compares a page, as it came, with the inventory, and says in sentences what differs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from quittance.gateways.facts import Origins
from quittance.payment_page.inventory import OfGateway, hash_of, inventory, plain_name
from quittance.payment_page.loaded import Loaded, absolute, origin_of, read_page

_NONE: Final = Origins()
_POLICY: Final = "content-security-policy"
Fetch = Callable[[str], bytes]  # raises ``OutsideError``


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A page as it must be."""

    page: str  # of the inventory: "link", "fields"
    address: str  # where it came from
    static: str  # where files of ours begin: "/static/"
    brand: str  # the style sheet that the seller's settings give
    gateway: OfGateway | None = None  # whose fields stand on it
    origins: Origins = _NONE  # that they may be loaded from


@dataclass(slots=True)
class Seen:
    """What was there: kept as evidence, whether or not something differs."""

    headers: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)  # address and SHA-256
    differences: list[str] = field(default_factory=list)


def judge(expected: Expected, headers: Mapping[str, str], text: str, fetch: Fetch) -> Seen:
    """Return what was seen of a page; ``fetch`` gets each file that it loads from our origin."""
    page = read_page(text, address=expected.address)
    seen = Seen()
    said = {name.lower(): value for name, value in headers.items()}
    seen.differences += _headers(expected, said, seen)
    seen.differences += [f"The page has {wrong}." for wrong in page.wrong]
    seen.differences += _files(expected, page.loaded, fetch, seen)
    if expected.gateway is not None:
        seen.differences += _module(expected, expected.gateway, page.facts, fetch, seen)
    return seen


def _headers(expected: Expected, said: Mapping[str, str], seen: Seen) -> Iterator[str]:
    https = urlsplit(expected.address).scheme == "https"
    wanted = inventory().headers_of(expected.page, expected.origins, https=https)
    for name, value in wanted.items():
        seen.headers[name] = said.get(name.lower(), "")
        if seen.headers[name] != value:
            yield f"The header {name} is “{_short(seen.headers[name])}” and not “{value}”."
    seen.headers["Content-Security-Policy"] = said.get(_POLICY, "")
    yield from _policy(expected, said.get(_POLICY, ""))


def _policy(expected: Expected, text: str) -> Iterator[str]:
    """Browsers hold to the first of two directives of a name, and to every policy of two."""
    wanted = inventory().policy_of(expected.page, expected.origins)
    found: dict[str, frozenset[str]] = {}
    for part in text.split(";"):
        name, *sources = part.split() or [""]
        if name:
            found.setdefault(name.lower(), frozenset(sources))
    for name in sorted(wanted.keys() | found.keys()):
        more = found.get(name, frozenset()) - wanted.get(name, frozenset())
        less = wanted.get(name, frozenset()) - found.get(name, frozenset())
        if name in found and name not in wanted and not more:
            yield f"The policy has the directive {name}, which it must not have."
        if more:
            yield f"The policy’s {name} allows {_short(' '.join(sorted(more)))}."
        if less:
            yield f"The policy’s {name} lacks {' '.join(sorted(less))}."


def _files(
    expected: Expected, loaded: list[Loaded], fetch: Fetch, seen: Seen
) -> Iterator[str]:  # fmt: skip
    missing = {each.file for each in inventory().own if expected.page in each.pages}
    for each in loaded:
        if origin_of(each.address) != origin_of(expected.address):
            yield f"The page loads a {each.kind} of elsewhere: {_short(each.address)}"
            continue
        path = urlsplit(each.address).path
        name = plain_name(path.removeprefix(expected.static))
        hashed = _hash_wanted(expected, path, name, each.kind)
        missing.discard(name)
        if hashed is None:
            yield f"The page loads a {each.kind} that is not in the inventory: {_short(path)}"
            continue
        seen.files[path] = hash_of(fetch(each.address), kind=each.kind)
        if seen.files[path] != hashed:
            yield f"The {each.kind} {_short(path)} is not the one of the inventory."
    yield from (f"The page does not load {name}." for name in sorted(missing))


def _hash_wanted(expected: Expected, path: str, name: str, kind: str) -> str | None:
    for own in inventory().own:
        here = path.startswith(expected.static) and expected.page in own.pages
        if here and (own.file, own.kind) == (name, kind):
            return own.sha256
    for made in inventory().made:
        if made.kind == kind and expected.page in made.pages and path.startswith(made.address):
            return hash_of(expected.brand.encode(), kind=kind)
    return None


def _module(
    expected: Expected, gateway: OfGateway, facts: str, fetch: Fetch, seen: Seen
) -> Iterator[str]:
    """The gateway's module is not named by a tag but by the page's data."""
    try:
        told: Any = json.loads(facts or "null")
    except (ValueError, RecursionError):  # no JSON, or lists in lists without an end
        told = None
    module = told.get("module") if isinstance(told, dict) else None
    script = told.get("script") if isinstance(told, dict) else None
    if not isinstance(module, str) or not isinstance(script, str):
        yield "The page does not say which module shows the gateway’s fields."
        return
    address = absolute(expected.address, module)
    if origin_of(address) != origin_of(expected.address):
        yield f"The gateway’s module comes from elsewhere: {_short(address)}"
    else:
        seen.files[gateway.module] = hashlib.sha256(fetch(address)).hexdigest()
        if seen.files[gateway.module] != gateway.sha256:
            yield f"The module {gateway.module} is not the one of the inventory."
    if script and "://".join(origin_of(script)) not in expected.origins.script:
        yield f"The gateway’s script comes from elsewhere: {_short(script)}"


def _short(text: str) -> str:
    return text if len(text) <= 150 else f"{text[:150]}…"
