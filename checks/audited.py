"""Whatever a form of ours changes is written down: as an event, or as a change of status.

Read out of the sources: from the view of every address that takes a POST, over every function of
the house that it names, to what writes events down. So it says that an act can be written down, not
that each of its ways is; the tests of the acts say that.
"""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

Node = tuple[str, str]  # a module, and the name of a function or class at its top
_URLS: Final = ("portal", "backoffice", "webhooks", "scim")
_WRITES_DOWN: Final = {
    ("quittance.audit.record", "record_event"),
    ("quittance.tenancy.moving", "move"),
}
# They write of somebody else's doing, on the way of an act: that a key is not accepted any more,
# that somebody tries too often,
# that what was asked for is over.
_BY_THE_WAY: Final = {
    ("quittance.connections.gate", "watch"),
    ("quittance.payments.tries", "note_try"),
    ("quittance.wallet.limits", "alert"),
    ("quittance.payments.approval_requests", "outdate_if_changed"),
}
# Whose first row is a change of status: PostgreSQL writes it down (audit/lives.py).
_BORN: Final = {"Payment", "Saving", "Announcement", "InvoiceDispute"}
_CHANGES_NOTHING: Final = "it shows what would be"
_OF_THE_BROWSER: Final = "it is kept in this browser or its session alone"
_A_CHALLENGE: Final = "a challenge is no act yet: what is signed with it is written down"
_A_BASKET: Final = "a basket is no act yet: what is paid of it is written down when it is paid"
_NEVER_DONE: Final = "nothing is ever done at it; the directory is told so"
# What is not written down, each with its reason.
NOT_WRITTEN: Final[Mapping[str, str]] = {
    "portal:theme": _OF_THE_BROWSER,
    "portal:language": _OF_THE_BROWSER,
    "portal:account": _OF_THE_BROWSER,
    "portal:typed": _OF_THE_BROWSER,
    "portal:session": "it puts off the end of a session; that it began is written down",
    "portal:send_code": "the code is in the outbox; that it was used is written down",
    "portal:join": "the code is in the outbox; that facts were named is written down",
    "portal:join_code": "it is kept in the mailbox's row; that facts were named is written down",
    "portal:sso": "it leads to the provider; who came back from there is written down",
    "portal:saml_answer": "it only keeps what came, unread; who is let in by it is written down",
    "portal:send_proof": "the code is in the outbox; what is done after the proof is written down",
    "portal:options_to_make": _A_CHALLENGE,
    "portal:options_to_prove": _A_CHALLENGE,
    "portal:options_to_sign_in": _A_CHALLENGE,
    "portal:amounts": _A_BASKET,
    "portal:method": _A_BASKET,
    "portal:pay_link": _A_BASKET,
    "portal:remittance_read": _CHANGES_NOTHING,
    "portal:remittance_check": _CHANGES_NOTHING,
    "portal:bank_file": "it is a file of what was announced already",
    "portal:file_again": "that the file was asked for is written down",
    "backoffice:check_refund": _CHANGES_NOTHING,
    "backoffice:test_erp": "it looks only, as the clock does every day",
    "backoffice:test_gateway": "it looks only, as the clock does every day",
    "webhooks:erp": "it says that there is news; they are read by the clock too",
    "scim:search": _NEVER_DONE,
    "scim:bulk": _NEVER_DONE,
    "scim:nothing": _NEVER_DONE,
    "webhooks:browser": "anybody may send it, nothing is believed of it; a line of the log",
}


def complaints(root: Path) -> Iterator[str]:
    """One line for each address whose act is not written down, and for each reason too many."""
    graph = dict(_graph(root))
    taken: dict[str, Node] = {}
    for room in _URLS:
        taken.update(_addresses(root, f"quittance.{room}.urls", room))
    for name, view in sorted(taken.items()):
        if not _takes_a_form(root, view):
            continue
        if name in NOT_WRITTEN and _is_written(graph, view):
            yield f"{name} is written down: it needs no reason in checks/audited.py"
        elif name not in NOT_WRITTEN and not _is_written(graph, view):
            yield f"{name} ({view[0]}.{view[1]}) leaves no event: call record_event in its act"
    for name in sorted(set(NOT_WRITTEN) - set(taken)):
        yield f"there is no address {name}, of which checks/audited.py knows a reason"


def _is_written(graph: Mapping[Node, frozenset[Node]], start: Node) -> bool:
    line, seen = deque([start]), {start, *_BY_THE_WAY}
    while line:
        here = line.popleft()
        if here in _WRITES_DOWN or here == _IS_BORN:
            return True
        line.extend(after := graph.get(here, frozenset()) - seen)
        seen |= after
    return False


_IS_BORN: Final = ("", "born")


def _graph(root: Path) -> Iterator[tuple[Node, frozenset[Node]]]:
    """Of every function and class at the top of a module: what of the house its body names."""
    for file in (root / "quittance").rglob("*.py"):
        if "migrations" in file.parts:
            continue
        name = ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        tree = ast.parse(file.read_text("utf-8"))
        tops = [each for each in tree.body if isinstance(each, _DEFINED)]
        known = {each.name: (name, each.name) for each in tops} | dict(_imported(tree))
        for top in tops:
            yield (name, top.name), frozenset(_named(top, known))


_FUNCTION: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
_DEFINED: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _imported(tree: ast.Module) -> Iterator[tuple[str, Node]]:
    for each in ast.walk(tree):
        if isinstance(each, ast.ImportFrom) and (each.module or "").startswith("quittance"):
            for alias in each.names:
                yield alias.asname or alias.name, (str(each.module), alias.name)


def _named(top: ast.stmt, known: Mapping[str, Node]) -> Iterator[Node]:
    own = {each.arg for each in ast.walk(top) if isinstance(each, ast.arg)}
    for each in ast.walk(top):
        if isinstance(each, ast.Name) and each.id in known and each.id not in own:
            yield known[each.id]
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name):
            module, name = known.get(each.value.id, ("", ""))
            if module and each.value.id not in own:  # of a module that was imported as a whole
                yield f"{module}.{name}", each.attr
        if isinstance(each, ast.Call) and _makes_a_row(each.func):
            yield _IS_BORN


def _makes_a_row(called: ast.expr) -> bool:
    made = ast.unparse(called).partition(".objects.")
    return made[0] in _BORN and made[2] in {"", "create", "bulk_create"}


def _addresses(root: Path, module: str, room: str) -> Iterator[tuple[str, Node]]:
    tree = ast.parse(root.joinpath(*module.split(".")).with_suffix(".py").read_text("utf-8"))
    known = dict(_imported(tree))
    for each in ast.walk(tree):
        if not (isinstance(each, ast.Call) and ast.unparse(each.func) == "path"):
            continue
        name = next((k.value for k in each.keywords if k.arg == "name"), None)
        view = each.args[1]
        if isinstance(name, ast.Constant) and isinstance(view, ast.Attribute):
            where = known[ast.unparse(view.value)]
            yield f"{room}:{name.value!s}", (".".join(where), view.attr)


def _takes_a_form(root: Path, view: Node) -> bool:
    """Whether a view lets anything but looking in."""
    tree = ast.parse(root.joinpath(*view[0].split(".")).with_suffix(".py").read_text("utf-8"))
    found = next(e for e in tree.body if isinstance(e, _FUNCTION) and e.name == view[1])
    words = " ".join(ast.unparse(each) for each in found.decorator_list)
    looks = any(word in words for word in ("require_GET", "require_safe", "for_directory('GET')"))
    only = "require_http_methods" in words and "POST" not in words
    return not (looks or only)
