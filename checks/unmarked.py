"""Finds words that a buyer's page shows and no catalog knows: text outside of ``_()``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

from jinja2 import Environment, nodes

from checks.messages import CATALOGS, files

_WITHOUT_GETTEXT: Final = frozenset({"core"})  # it knows no Django; its rules' docstrings are taken
_SHOWN: Final = frozenset(
    {"alt", "aria-description", "aria-label", "aria-roledescription", "aria-valuetext", "content",
     "data-once", "label", "placeholder", "title"}
)  # fmt: skip
# The same in every language: names, and an address as an example.
_SAME: Final = frozenset(
    {"CSV", "Excel", "Factur-X, ZUGFeRD", "Mac OS", "PDF", "Quittance", "UBL 2.1",
     "you@company.com"}
)  # fmt: skip
_SILENT: Final = frozenset({"code", "script", "style", "svg"})
_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_JINJA: Final = Environment(
    autoescape=True, extensions=["jinja2.ext.i18n"], trim_blocks=True, lstrip_blocks=True
)
_ATTRIBUTE: Final = re.compile(r'[\w-]+="[^"]*("|$)')  # a macro may write one by itself
_HOLE: Final = re.compile("\ue000(\\d+)\ue001")
# In Python: what begins like a sentence and has a second word.
_SENTENCE: Final = re.compile(r"^[A-Z][\w’']*,? [\w(“{%]|[a-z]{2,} [a-z]{2,}.*[.?!]$")
_CALLS: Final = frozenset({"_", "gettext", "ngettext", "pgettext", "npgettext", "noop"})
# They speak to programmers, to logs, or in a form of their own.
_QUIET_CALLS: Final = frozenset(
    {"compile", "info", "warning", "error", "debug", "exception", "ValueError", "TypeError",
     "AssertionError", "LookupError", "Misconfigured", "OutcomeUnknown", "Refused",
     "Unavailable", "execute", "RaiseWalls", "strptime"}
)  # fmt: skip


def complaints(root: Path) -> Iterator[str]:
    """One line for each such place."""
    for rooms in CATALOGS.values():
        for room in sorted({*rooms} - _WITHOUT_GETTEXT):
            for path in files(root, room):
                text, name = path.read_text(encoding="utf-8"), str(path.relative_to(root))
                about = in_template if path.suffix == ".html" else in_code
                for line, words in about(text):
                    yield f"{name}:{line}: {words!r} is not marked to be translated"


def in_template(text: str) -> Iterator[tuple[int, str]]:
    """Return line and words of what a template shows as it stands."""
    tree = _JINJA.parse(text)
    page = _Page()
    for output in tree.find_all(nodes.Output):
        for node in output.nodes:
            page.take(node)
    page.close()
    yield from page.found


def in_code(text: str) -> Iterator[tuple[int, str]]:
    """Return line and words of what looks like a sentence and is in no call of gettext."""
    tree = ast.parse(text)
    quiet = {id(node) for each in ast.walk(tree) for node in _quiet_parts(each)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in quiet
            and node.value not in _SAME
            and _SENTENCE.search(node.value.strip())
        ):
            yield node.lineno, node.value[:60]


def _quiet_parts(node: ast.AST) -> Iterator[ast.AST]:
    """Everything below a call that marks words or keeps them, and docstrings."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in _CALLS or name in _QUIET_CALLS:
            yield from ast.walk(node)
    if isinstance(node, ast.Assert) and node.msg:
        yield from ast.walk(node.msg)


class _Page(HTMLParser):
    """Reads a template's text; what Jinja puts in stands in it as a numbered hole."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str]] = []
        self._holes: list[nodes.Expr] = []
        self._silent = 0
        self._line = 1

    def take(self, node: nodes.Expr) -> None:
        """Go on with the next piece."""
        self._line = node.lineno
        if isinstance(node, nodes.TemplateData):
            self.feed(node.data)
        else:
            self._holes.append(node)
            self.feed(f"\ue000{len(self._holes) - 1}\ue001")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        for name, value in attrs:
            if name in _SHOWN and not (tag == "meta" and name == "content"):
                self._look(value or "")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT and self._silent > 0

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._look(data)

    def _look(self, text: str) -> None:
        words = " ".join(_ATTRIBUTE.sub(" ", _HOLE.sub(" ", text)).split())
        if _WORD.search(words) and words not in _SAME:
            self.found.append((self._line, words))
        for hole in _HOLE.finditer(text):
            node = self._holes[int(hole[1])]
            self.found += [(node.lineno, said) for said in _plain(node)]


def _plain(node: nodes.Node) -> Iterator[str]:
    """The texts that an expression may print as they are written."""
    match node:
        case nodes.Const(value=str() as said):
            if _WORD.search(said) and said not in _SAME and '="' not in said:
                yield said
        case nodes.CondExpr(expr1=one, expr2=other):
            for each in (one, other):
                yield from _plain(each) if each is not None else ()
        case nodes.Or(left=one, right=other) | nodes.And(left=one, right=other):
            yield from _plain(one)
            yield from _plain(other)
        case nodes.Concat(nodes=parts):
            for each in parts:
                yield from _plain(each)
        case nodes.Add(left=one, right=other):
            yield from _plain(one)
            yield from _plain(other)
