"""What a seller says of its own in a language; what it does not say there is said as anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

# Texts of a brand that readers see, each of which may be said otherwise in a language.
BY_LANGUAGE: Final = ("tone", "sender_name", "greeting", "footer", "help_text")

Texts = Mapping[str, Mapping[str, Any]]  # of a language: texts by name, and "links"


def text_in(texts: Texts, name: str, language: str, *, otherwise: str) -> str:
    """Return a text in this language; ``otherwise`` is that of the seller's own language."""
    return str(texts.get(language, {}).get(name) or otherwise)


def links_in(
    texts: Texts, language: str, *, otherwise: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, str], ...]:
    """Return label and address of the legal links; one language has all of its own, or none."""
    own = texts.get(language, {}).get("links", ())
    return tuple((str(label), str(address)) for label, address in own) or otherwise


def without_nothing(texts: Texts, *, default: str) -> dict[str, dict[str, Any]]:
    """Return what is to be kept: no empty text, and none of the seller's own language."""
    full = {
        language: {name: said for name, said in own.items() if said}
        for language, own in texts.items()
        if language != default
    }
    return {language: own for language, own in sorted(full.items()) if own}
