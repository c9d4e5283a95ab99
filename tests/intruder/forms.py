"""Sends the forms and links of pages again, with ids of somebody else in the place of own ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

from django.urls import Resolver404, resolve

from tests.intruder.addresses import MISSING
from tests.intruder.crawl import Crawl, Sent, at_any_speed, is_inside
from tests.intruder.knock import Answer, Visitor
from tests.intruder.rows import Seller

# Fields that no form of ours has: nobody makes himself an administrator by adding one.
MORE: Final = {
    "staff_role": "administrator", "is_staff": "1", "role": "administrator", "status": "succeeded",
    "amount_minor": "1", "open_minor": "0",
}  # fmt: skip
_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


_FIELDS: Final = {"input", "select", "textarea", "button"}
_OWN: Final = {None, "", "csrfmiddlewaretoken"}  # the secret goes with each request anyway


@dataclass(frozen=True)
class Form:
    """A form, or a link with a query, of a page."""

    method: str
    address: str
    fields: tuple[tuple[str, str], ...]
    where: str  # the name of the address


class _Reader(HTMLParser):
    """Finds forms with all their fields, and links."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, str, list[tuple[str, str]]]] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what a browser would send."""
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((said.get("method", "get").upper(), said.get("action", ""), []))
        elif tag == "a":
            self.links.append(said.get("href", ""))
        elif tag in _FIELDS and self.forms and said.get("name") not in _OWN:
            self.forms[-1][2].append((said["name"], said.get("value", "1")))


def forms_of(content: bytes, page: str) -> Iterator[Form]:
    """Yield the forms and the links with a query that a page has."""
    reader = _Reader()
    reader.feed(content.decode("utf-8", "replace"))
    for method, action, fields in reader.forms:
        address = action or page
        name = _name_of(address)
        if name:
            yield Form(method, address, tuple(fields), name)
    for link in reader.links:
        parts = urlsplit(link)
        name = _name_of(parts.path)
        if parts.query and not parts.netloc and name:
            yield Form("GET", parts.path, tuple(parse_qsl(parts.query)), name)


def _name_of(address: str) -> str:
    parts = urlsplit(address)
    if parts.netloc or not parts.path.startswith("/"):
        return ""
    try:
        return resolve(parts.path).view_name
    except Resolver404:
        return ""


class Swaps:
    """Collects what a visitor's own pages offer to send, and sends it with others' ids."""

    def __init__(self, crawl: Crawl) -> None:
        self.crawl = crawl
        self.sent = 0
        self._model: dict[str, tuple[Seller, str, UUID | None, int]] = {
            str(row.pk): (seller, model, account, n)
            for seller in crawl.world.sellers
            for model, of in seller.rows.items()
            for account, rows in of.items()
            for n, row in enumerate(rows)
        }

    def walk(self, visitor: Visitor) -> None:
        """Do so with all pages of one visitor; nothing of others may be changed by it."""
        with at_any_speed(), self.crawl.untouched(visitor):
            for form in self._collect(visitor):
                self._send(visitor, form)

    def _collect(self, visitor: Visitor) -> list[Form]:
        found: dict[tuple[str, str, tuple[str, ...]], Form] = {}
        account = visitor.account or visitor.seller.accounts[0]
        for route in self.crawl.routes:
            page = route.address(visitor.seller, account)
            answer = self.crawl.ask(visitor, route.name, Sent("GET", page))
            if answer.kind == "text/html" and answer.status in {200, 409, 422}:
                for form in forms_of(answer.content, page):
                    key = (form.method, form.where, tuple(sorted({n for n, _ in form.fields})))
                    found.setdefault(key, form)
        return list(found.values())

    def _send(self, visitor: Visitor, form: Form) -> None:
        """Send it with each id of another, and with one that is nobody's; the answers are equal."""
        own = [value for _, value in form.fields if value in self._model]
        for value in dict.fromkeys(own):
            answers = {}
            for whose, put in self._others(visitor, value).items():
                fields = [(name, put if said == value else said) for name, said in form.fields]
                answer = self._once(visitor, form, fields)
                answers[whose] = answer.compared([put])
            strange = {whose for whose in answers if answers[whose] != answers["missing"]}
            if strange and self._tells(form):
                self.crawl.world.findings.add(
                    "tells by a field", f"{form.method} {form.where}",
                    f"{visitor.name}: {sorted(strange)}, field with {self._model[value][1]}",
                )  # fmt: skip
        if is_inside(self._once(visitor, form, [*form.fields, *MORE.items()])):
            self.crawl.reached.add(form.where)

    def _tells(self, form: Form) -> bool:
        return form.where not in {"portal:language", "portal:theme"}

    def _once(self, visitor: Visitor, form: Form, fields: list[tuple[str, str]]) -> Answer:
        self.sent += 1
        said = urlencode(fields)
        if form.method == "GET":
            address = f"{form.address.partition('?')[0]}?{said}"
            return self.crawl.ask(visitor, form.where, Sent("GET", address))
        return self.crawl.ask(visitor, form.where, Sent("POST", form.address, said))

    def _others(self, visitor: Visitor, value: str) -> dict[str, str]:
        seller, model, account, n = self._model[value]
        other = self.crawl.world.others(seller)[0]
        found = {"missing": MISSING}
        row = other.row(model, other.accounts[0], n)
        if row is not None:
            found["other"] = str(row.pk)
        if account is not None and not visitor.is_staff:
            sibling = next(each for each in seller.accounts if each != visitor.account)
            row = seller.row(model, sibling, n)
            if row is not None:
                found["sibling"] = str(row.pk)
        return found
