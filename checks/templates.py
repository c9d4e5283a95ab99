"""Our templates obey the content security policy: nothing inline, nothing unescaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

RULES: dict[str, re.Pattern[str]] = {
    "a style attribute; use a class": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "a style element; use app.css": re.compile(r"<style\b", re.IGNORECASE),
    "a script in the page; put it in a file": re.compile(
        r"<script\b(?![^>]*\bsrc\s*=)(?![^>]*type=.application/(?:ld\+)?json)", re.IGNORECASE
    ),
    "an event handler attribute; listen in app.js": re.compile(r"\son[a-z]+\s*=", re.IGNORECASE),
    "hx-on; the policy forbids eval": re.compile(r"\bhx-on\b|\bhx-on:", re.IGNORECASE),
    "js: in an attribute; the policy forbids eval": re.compile(
        r"""["'\s](?:js|javascript):""", re.IGNORECASE
    ),
    "|safe; build Markup in code, where it can be tested": re.compile(r"\|\s*safe\b"),
    "autoescape switched off": re.compile(r"autoescape\s+false", re.IGNORECASE),
}


def complaints(folders: Iterable[str]) -> Iterator[str]:
    """One line for each rule that a template breaks."""
    for folder in folders:
        for file in sorted(Path(folder).rglob("*.html")):
            yield from complaints_about(str(file), file.read_text(encoding="utf-8"))


def complaints_about(name: str, text: str) -> Iterator[str]:
    """The same for one template."""
    for complaint, pattern in RULES.items():
        for match in pattern.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            yield f"{name}:{line}: {complaint}"
