"""Writes what was found in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from quittance.core.money import Money
from quittance.reconciliation.catalogue import CATALOGUE

_MINOR: Final = "_minor"


def sentence_of(
    key: str, facts: Mapping[str, Any], *, amount_minor: int | None, currency: str
) -> str:
    """Return what a row of the view ``key`` says; facts named ``..._minor`` are amounts."""
    written: dict[str, Any] = {
        name.removesuffix(_MINOR): Money(int(value), facts.get("currency") or currency)
        if name.endswith(_MINOR)
        else value
        for name, value in facts.items()
        if value is not None
    }
    if amount_minor is not None:
        written.setdefault("amount", Money(amount_minor, currency))
    return _(CATALOGUE[key].sentence) % _Forgiving(written)


class _Forgiving(dict[str, Any]):
    """A word that is missing must not keep a finding from being read."""

    def __missing__(self, key: str) -> str:
        return "—"
