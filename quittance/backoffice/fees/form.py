"""Reads a fee as it was typed, and says what cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Final

from django.utils.translation import gettext as _

from quittance.core.errors import RuleBroken
from quittance.payments.fee_rules import Fee
from quittance.ui.amounts import read_amount

_MOST: Final = 40  # characters of a part
_HUNDREDTHS: Final = "USD"  # read as dollars and cents, 2.5 percent are 250 basis points
_NO_CURRENCY: Final = "USD"  # while there is none: its own field says so


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """The form's texts."""

    method: str = ""
    currency: str = ""
    percent: str = ""
    fixed: str = ""
    at_most: str = ""
    valid_from: str = ""
    valid_until: str = ""

    def read(self, locale: str) -> tuple[Fee | None, list[tuple[str, str]]]:
        """Return the rule, or what is wrong, by field."""
        errors: list[tuple[str, str]] = []
        currency = self.currency if len(self.currency) == 3 else _NO_CURRENCY
        share = self._minor("percent", _HUNDREDTHS, locale, errors)
        fixed = self._minor("fixed", currency, locale, errors)
        most = self._minor("at_most", currency, locale, errors)
        first, last = day_of(self.valid_from), day_of(self.valid_until)
        if first is None:
            errors.append(("valid_from", _("Say from which day on, as 2026-12-31.")))
        if last is None and self.valid_until:
            errors.append(("valid_until", _("Write a day as 2026-12-31.")))
        if errors or first is None:
            return None, errors
        made = Fee(
            method=self.method, currency=self.currency, basis_points=share or 0,
            fixed_minor=fixed or 0, at_most_minor=most, valid_from=first, valid_until=last,
        )  # fmt: skip
        return made, []

    def _minor(
        self, name: str, currency: str, locale: str, errors: list[tuple[str, str]]
    ) -> int | None:
        text = getattr(self, name)
        if not text:
            return None
        try:
            return read_amount(text, currency, locale).minor
        except RuleBroken:
            if name == "percent":
                errors.append((name, _("Write a percentage like 2.5, with two decimals at most.")))
            else:
                errors.append((name, _("Write an amount like 1,000.00, or nothing.")))
            return None


def typed(sent: Mapping[str, str]) -> Typed:
    """Return what a form sent, cut to length."""
    text = {
        each.name: str(sent.get(each.name, "")).replace("\0", "").strip()[:_MOST]
        for each in fields(Typed)
    }
    text["percent"] = text["percent"].removesuffix("%").strip()
    return Typed(**text | {"currency": text["currency"].upper()})


def day_of(text: str) -> date | None:
    """Return the day that was typed; ``None``: nothing, or no day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
