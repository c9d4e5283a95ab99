"""Puts a text that would break out of a statement into every field that pages have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection
from django.test import Client

from tests.intruder.forms import Form, forms_of
from tests.walk import Found

_MARK: Final = "zq7mark"
TEXT: Final = f"{_MARK}'\"); -- %s {{0}} \\"
_LEAVES: Final = {"portal:sign_out", "backoffice:sign_out", "portal:language", "portal:theme"}


@dataclass
class Seen:
    """What became of it."""

    sent: int = 0
    statements: int = 0
    in_text: set[str] = field(default_factory=set)  # statements whose own text held what was typed
    broke: set[str] = field(default_factory=set)  # answers of 500 and more


def put_everywhere(client: Client, pages: Sequence[Found]) -> Seen:
    """Send each form and link of these pages, the text in one field after the other."""
    forms: dict[tuple[str, str, tuple[str, ...]], Form] = {}
    for page in pages:
        for form in forms_of(page.content, page.address.partition("?")[0]):
            names = tuple(sorted({name for name, _ in form.fields}))
            forms.setdefault((form.method, form.where, names), form)
    seen = Seen()

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.statements += 1
        if _MARK in str(sql):
            seen.in_text.add(str(sql)[:300])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        # What only asks goes first: what changes something may end what the others stand on.
        for form in sorted(forms.values(), key=lambda each: each.method != "GET"):
            for typed in _fillings(form) if form.where not in _LEAVES else ():
                send = client.get if form.method == "GET" else client.post
                answer = send(form.address, typed)
                answer.close()  # a file lets go of what it reads
                seen.sent += 1
                if answer.status_code >= 500:
                    seen.broke.add(f"{form.method} {form.address} {typed}")
    return seen


def _fillings(form: Form) -> Iterator[dict[str, str]]:
    """Yield what is typed: the text in one field after the other, the others as they were."""
    given = dict(form.fields)
    for name in given:
        yield given | {name: TEXT}
