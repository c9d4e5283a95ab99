"""Every address of a door with something behind it: a new page is walked to by itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product, zip_longest
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.apps import apps
from django.urls import URLPattern

from quittance.tenancy.models import OrganizationScoped
from quittance.tenancy.rows import reading

if TYPE_CHECKING:
    from django.test import Client

_NONE = "00000000-0000-7000-8000-000000000000"
# The table behind an argument whose name does not say it.
_TABLES = {
    "approval": "ApprovalRequest",
    "bundle": "Bundle",
    "method": "KeptMethod",
    "file": "DisputeFile",
    "statement": "StatementFile",
}


@dataclass(frozen=True)
class Found:
    """One address, and what a person gets there."""

    name: str
    address: str
    kind: str  # content type without parameters
    content: bytes
    headers: str

    @property
    def is_page(self) -> bool:
        """Whether people read it in a browser."""
        return self.kind == "text/html" and b"<!doctype html>" in self.content[:200]


@dataclass(frozen=True)
class Table:
    """The addresses of one door."""

    patterns: Sequence[URLPattern]
    below: str  # where the door's addresses begin
    rest: str  # the file in which what is missing is to be filled in

    def walk(
        self, client: Client, given: Mapping[str, str], elsewhere: Mapping[str, str]
    ) -> list[Found]:
        """Open every address that opens with GET; each must answer.

        An address with arguments is tried with the rows of the table that the argument names, the
        newest first; fails where none of them leads anywhere. ``given`` holds addresses that no
        table knows, ``elsewhere`` the file that looks at an address instead, both by name.
        """
        return list(self._walk(client, given, elsewhere))

    def _walk(
        self, client: Client, given: Mapping[str, str], elsewhere: Mapping[str, str]
    ) -> Iterator[Found]:
        lost = {}
        for pattern in self.patterns:
            if pattern.name in elsewhere:
                continue
            seen = []
            for address in self._addresses(pattern, given):
                answer = client.get(address)
                seen.append(answer.status_code)
                if answer.status_code in {200, 302, 303, 410}:  # gone is told on a page too
                    yield Found(
                        str(pattern.name), address, answer["Content-Type"].partition(";")[0],
                        _content(answer), str(answer.headers),
                    )  # fmt: skip
                    break
                if answer.status_code == 405:
                    break
            else:
                lost[str(pattern.pattern)] = seen
        assert lost == {}, f"Nothing is behind {lost}. Fill them in, in {self.rest}."

    def _addresses(self, pattern: URLPattern, given: Mapping[str, str]) -> Iterator[str]:
        route, converters = str(pattern.pattern), list(pattern.pattern.converters)
        if pattern.name in given:
            yield given[str(pattern.name)]
            return
        if not converters:
            yield self.below + route
            return
        for nobodys in (_NONE, "0"):  # enough for what takes a form only
            yield self.below + _filled(route, lambda _name, nobodys=nobodys: nobodys)
        several = [_rows(each)[: 70 if len(converters) == 1 else 9] for each in converters]
        for row_ids in product(*several):
            chosen = dict(zip(converters, row_ids, strict=True))
            yield self.below + _filled(route, lambda name, chosen=chosen: str(chosen[name]))


def _content(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


def _filled(route: str, value: Callable[[str], str]) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda part: value(part[1]), route)


def _rows(argument: str) -> list[UUID]:
    """The newest rows of the table that "payment_id" names; of several tables by turns."""
    stem = argument.removesuffix("_id")
    wanted = _TABLES.get(stem, stem.title().replace("_", ""))
    found = [
        model
        for model in apps.get_models()
        if issubclass(model, OrganizationScoped)
        and (model.__name__ == wanted or (stem not in _TABLES and model.__name__.endswith(wanted)))
    ]
    with reading():
        newest = [
            list(model.objects.order_by("-pk").values_list("pk", flat=True)[:70]) for model in found
        ]
    return [row for rows in zip_longest(*newest) for row in rows if row is not None]
