"""Reads a brand as it was typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, Final
from urllib.parse import urlencode

from quittance.branding.keep import MOST_LINKS, Chosen
from quittance.branding.texts import BY_LANGUAGE
from quittance.core.languages import LANGUAGES

_MOST: Final = 400  # characters of a field
_LOOKS: Final = ("accent", "radius", "font", "header")  # what the preview's style sheet needs


def typed(sent: Mapping[str, str], kept: Chosen) -> Chosen:
    """Return what a form sent; a field that it does not name stays as it is kept.

    Whether it may be kept is for ``keep_brand`` to say. Links without label and address are left
    out.
    """
    texts = {
        each.name: _line(sent[each.name])
        for each in fields(Chosen)
        if each.type == "str" and each.name in sent
    }
    if "accent" in texts:
        texts["accent"] = "#" + texts["accent"].lower().removeprefix("#")
    radius = _line(sent.get("radius", ""))
    made = replace(kept, **texts)  # type: ignore[arg-type]
    if radius:
        made = replace(made, radius=int(radius) if radius.isascii() and radius.isdigit() else -1)
    if "links" in sent:  # the form has its places, and boxes that are not ticked send nothing
        made = replace(
            made, links=_links(sent), names_product="names_product" in sent,
            languages=_languages(sent),
        )  # fmt: skip
    return made


def look_address(chosen: Chosen) -> str:
    """Return the part of an address that names what the preview's style sheet needs."""
    return urlencode({name: getattr(chosen, name) for name in _LOOKS})


def typed_texts(sent: Mapping[str, str], kept: Chosen) -> Chosen:
    """Return what the form of the other languages sent, beside all else as it is kept."""
    found: dict[str, dict[str, Any]] = {}
    for code in LANGUAGES:
        own: dict[str, Any] = {
            name: _line(sent[f"{name}-{code}"]) for name in BY_LANGUAGE if f"{name}-{code}" in sent
        }
        links = [list(pair) for pair in _links(sent, of=f"-{code}")]
        own |= {"links": links} if links else {}
        own = {name: said for name, said in own.items() if said}
        if own:
            found[code] = own
    return replace(kept, texts=found)


def _links(sent: Mapping[str, str], *, of: str = "") -> tuple[tuple[str, str], ...]:
    pairs = (
        (_line(sent.get(f"label{of}-{place}", "")), _line(sent.get(f"address{of}-{place}", "")))
        for place in range(1, MOST_LINKS + 1)
    )
    return tuple(pair for pair in pairs if any(pair))


def _languages(sent: Mapping[str, str]) -> tuple[str, ...]:
    """All of them is the same as no choice: one that is added later is offered too."""
    chosen = tuple(code for code in LANGUAGES if f"language-{code}" in sent)
    return () if len(chosen) == len(LANGUAGES) else chosen


def _line(text: str) -> str:
    return " ".join(text.replace("\0", "")[:_MOST].split())
