"""Finds every sentence that buyers read, in code and in templates: the msgids of the catalogs.

Three places have them: calls of gettext (``_``, ``ngettext``, ``noop``), templates, and what a
broken rule says by itself, which is its docstring (``quittance.core.errors.RuleBroken``).
"""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file

# A room's catalog, and the rooms whose sentences are in it. A sentence that several of them have is
# in the first one's. The back office, commands and what only jobs write into a log stay English.
CATALOGS: Final[dict[str, tuple[str, ...]]] = {
    "ui": ("core", "identity", "ui"),
    "notifications": ("notifications",),
    "wallet": ("wallet",),
    "disputes": ("disputes",),
    "payments": ("receivables", "payments"),
    "transfers": ("transfers",),
    "paylinks": ("paylinks",),
    "sso": ("sso",),
    "invitations": ("invitations",),
    "arrivals": ("arrivals",),
    "approvals": ("approvals",),
    "exports": ("exports",),
    "portal": ("portal",),
}
# Of those rooms, what only the AR team reads, or a company's directory.
OFFICE: Final = frozenset(
    {
        "identity/staff.py",
        "arrivals/rules.py",
        "sso/directory.py",
        "sso/groups.py",
        "sso/metadata.py",
        "sso/oidc.py",
        "sso/providers.py",
        "sso/strangers_xml.py",
        "sso/tokens.py",
        "paylinks/making.py",
        "payments/applications.py",
        "payments/asked.py",
        "payments/books.py",
        "payments/capture.py",
        "payments/disputes.py",
        "payments/fee_rules.py",
        "payments/inbox.py",
        "payments/outside.py",
        "payments/postings.py",
        "payments/puzzles.py",
        "payments/quarantine.py",
        "payments/reallocation.py",
        "payments/refunds.py",
        "payments/repair.py",
        "payments/returned.py",
        "payments/reversal_postings.py",
        "payments/reversals.py",
        "payments/sending.py",
        "payments/surplus.py",
        "payments/taking.py",
        "payments/withdrawing.py",
        "notifications/staff_words.py",
        "receivables/mirror.py",
        "transfers/accounts.py",
        "transfers/booking.py",
        "transfers/camt.py",
        "transfers/deciding.py",
        "transfers/matching.py",
        "transfers/statements.py",
        "transfers/transitions.py",
        "ui/templates/ui/office.html",
        "receivables/lost_factors.py",
        "wallet/inbox.py",
        "wallet/places.py",
        "wallet/stopping.py",
    }
)
# Files of published rules, and which of their texts payers read.
_RULE_FILES: Final = {"payments": ("bank_rules", ("words", "deed"))}
_KEYWORDS: Final[dict[str, Any]] = {**DEFAULT_KEYWORDS, "noop": None}
_JINJA: Final = {"trim_blocks": "true", "lstrip_blocks": "true", "newstyle_gettext": "true"}
_RULE: Final = "RuleBroken"

Msgid = str | tuple[str, ...] | list[str]  # as Babel has it: of what is counted, one and many


def messages(root: Path) -> dict[str, set[Msgid]]:
    """Return the sentences of each catalog."""
    rules = _rules(root)
    found: dict[str, set[Msgid]] = {}
    taken: set[str] = set()
    for catalog, rooms in CATALOGS.items():
        own = {each for room in rooms for each in _of_room(root, room, rules)}
        plurals = {first(each) for each in own if not isinstance(each, str)}
        own = {each for each in own if not isinstance(each, str) or each not in plurals}
        found[catalog] = {each for each in own if first(each) not in taken}
        taken |= {first(each) for each in own}
    return found


def first(msgid: Msgid) -> str:
    """Return what gettext looks a message up by."""
    return msgid if isinstance(msgid, str) else msgid[0]


def files(root: Path, room: str) -> Iterator[Path]:
    """Return the room's files with sentences for buyers."""
    folder = root / "quittance" / room
    for path in sorted([*folder.rglob("*.py"), *folder.rglob("templates/**/*.html")]):
        if (
            str(path.relative_to(root / "quittance")) not in OFFICE
            and "migrations" not in path.parts
        ):
            yield path


def _of_room(root: Path, room: str, rules: frozenset[str]) -> Iterator[Msgid]:
    scratch = Catalog()
    for path in files(root, room):
        method, options = ("jinja2", _JINJA) if path.suffix == ".html" else ("python", {})
        for _line, message, _notes, _context in extract_from_file(
            method, path, keywords=_KEYWORDS, options=options
        ):
            scratch.add(message)
        if path.suffix == ".py":
            yield from _of_rules(path, rules)
    folder, texts = _RULE_FILES.get(room, ("", ()))
    for path in sorted((root / "quittance" / room / folder).glob("*.json")) if folder else ():
        for code in json.loads(path.read_text(encoding="utf-8"))["codes"]:
            yield from (code[text] for text in texts if code[text])
    yield from (message.id for message in scratch if message.id)


def _of_rules(path: Path, rules: frozenset[str]) -> Iterator[str]:
    """What the rules of this module say when nobody gives them other words."""
    for node in _classes(path):
        said = ast.get_docstring(node)
        if node.name in rules and said:
            yield inspect.cleandoc(said)


def _rules(root: Path) -> frozenset[str]:
    """Return the names of all classes that are a ``RuleBroken``."""
    parents: dict[str, set[str]] = {}
    for path in (root / "quittance").rglob("*.py"):
        for node in _classes(path):
            parents.setdefault(node.name, set()).update(_names(node.bases))
    known = {_RULE}
    while new := {name for name, over in parents.items() if over & known} - known:
        known |= new
    return frozenset(known - {_RULE})


def _classes(path: Path) -> Iterator[ast.ClassDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))


def _names(nodes: Iterable[ast.expr]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
