"""What must hold of every answer, whoever asked for whatever."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

from tests.intruder.canaries import Canaries, unescaped
from tests.intruder.knock import Answer, Visitor

# Source: security.md, section 5. What a page may tighten or widen has a pattern.
_HEADERS: Final = {
    "X-Content-Type-Options": r"nosniff",
    "Referrer-Policy": r"strict-origin-when-cross-origin|same-origin|no-referrer",
    "Permissions-Policy": r"camera=\(\), microphone=\(\), geolocation=\(\), payment=\(.*\)",
    "Cross-Origin-Opener-Policy": r"same-origin(-allow-popups)?",
    "Cross-Origin-Resource-Policy": r"same-origin",
    "X-Frame-Options": r"DENY",
    "Reporting-Endpoints": r'csp="/hooks/browser"',
    "Content-Security-Policy": r".*default-src 'none'.*",
    "Cache-Control": r"no-store|private, max-age=\d+|max-age=\d+, public(, immutable)?"
    r"|public, max-age=\d+(, immutable)?",
}
_STACK: Final = re.compile(
    rb'Traceback \(most recent|File "[^"]+\.py", line|psycopg\.|DoesNotExist'
)


@dataclass
class Findings:
    """What went wrong, each kind at each address once, with how often."""

    count: Counter[tuple[str, str]] = field(default_factory=Counter)
    first: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, what: str, where: str, detail: str) -> None:
        """Write one down."""
        self.count[what, where] += 1
        self.first.setdefault((what, where), detail[:1500])

    def lines(self) -> list[str]:
        """One line for each."""
        return [
            f"{what} at {where}, {n} times; first: {self.first[what, where]}"
            for (what, where), n in sorted(self.count.items())
        ]


def judge(answer: Answer, visitor: Visitor, canaries: Canaries, sent: str) -> Iterator[str]:
    """Yield what is wrong with one answer. ``sent`` is all that the visitor said."""
    if answer.status >= 500 and answer.status != 503:
        yield f"fault: {answer.fault}"
    if _STACK.search(answer.content):
        yield "stack: an answer shows our inside"
    yield from _wrong_headers(answer)
    yield from _wrong_cookies(answer)
    account = visitor.account if not visitor.is_staff else None
    foreign = canaries.foreign(
        answer.content + repr(answer.headers).encode(),
        organization=visitor.seller.id, account=account, sent=sent.lower(),
    )  # fmt: skip
    if foreign:
        yield f"leak: shows {', '.join(foreign[:4])}"
    if answer.kind == "text/html" and unescaped(answer.content):
        yield "escape: text of a row stands in a page as markup"
    to = urlsplit(answer.headers.get("Location", ""))
    if to.netloc and to.hostname != visitor.seller.host:
        yield f"redirect: leads to {to.netloc}"


def _wrong_headers(answer: Answer) -> Iterator[str]:
    for name, pattern in _HEADERS.items():
        said = answer.headers.get(name, "")
        if not re.fullmatch(pattern, said):
            yield f"header: {name} is {said!r}"
    if settings.HTTPS_ONLY and "max-age=63072000" not in answer.headers.get(
        "Strict-Transport-Security", ""
    ):
        yield "header: no Strict-Transport-Security"
    policy = answer.headers.get("Content-Security-Policy", "")
    scripts = re.search(r"script-src ([^;]*)", policy)
    if "unsafe-eval" in policy or (scripts and "unsafe-inline" in scripts[1]):
        yield "header: the policy lets any script run"
    kind = answer.headers.get("Content-Type", "")
    if kind.startswith("text/") and "charset" not in kind:
        yield f"header: {kind} without a charset"
    for name in ("Server", "X-Powered-By", "Access-Control-Allow-Origin"):
        if answer.headers.get(name):
            yield f"header: there is {name}"


def _wrong_cookies(answer: Answer) -> Iterator[str]:
    for name, each in answer.cookies.items():
        if each["max-age"] == 0:  # it is taken away
            continue
        flags = [flag for flag in ("httponly", "samesite") if not each[flag]]
        if settings.HTTPS_ONLY and not each["secure"]:
            flags.append("secure")
        if each["domain"]:
            flags.append("no domain")
        if each["path"] != "/":
            flags.append("path")
        if settings.HTTPS_ONLY and name.endswith(("session", "csrf")):
            flags += [] if name.startswith("__Host-") else ["__Host-"]
        if flags:
            yield f"cookie: {name} without {', '.join(flags)}"
