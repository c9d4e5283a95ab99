"""Reads a rule of ways to pay as it was typed, and says what cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from quittance.connections.offer_rules import Offer
from quittance.core.errors import RuleBroken
from quittance.core.money import Money
from quittance.ui.amounts import format_for_input, read_amount

_MOST = 60  # characters of a part


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """The form's texts; "" means any."""

    legal_entity: str = ""
    customer: str = ""
    gateway: str = ""
    method: str = ""
    currency: str = ""
    at_least: str = ""
    at_most: str = ""
    valid_from: str = ""
    valid_until: str = ""
    offered: str = ""
    place: str = ""

    def read(self, locale: str) -> tuple[Offer | None, list[tuple[str, str]]]:
        """Return the rule without its customer, or what is wrong, by field."""
        errors: list[tuple[str, str]] = []
        least = self._amount("at_least", errors, locale)
        most = self._amount("at_most", errors, locale)
        first, last = self._day("valid_from", errors), self._day("valid_until", errors)
        if first is None and not errors:
            errors.append(("valid_from", _("Say from which day on.")))
        place = int(self.place) if self.place.isascii() and self.place.isdigit() else None
        if self.place and not (place and place < 100):
            errors.append(("place", _("Write a number from 1 to 99, or nothing.")))
        if errors or first is None:
            return None, errors
        made = Offer(
            legal_entity_id=_id(self.legal_entity), gateway=self.gateway, method=self.method,
            currency=self.currency, at_least_minor=least, at_most_minor=most, valid_from=first,
            valid_until=last, is_offered=self.offered == "yes", place=place,
        )  # fmt: skip
        return made, errors

    def _amount(self, name: str, errors: list[tuple[str, str]], locale: str) -> int | None:
        text = getattr(self, name)
        if not text:
            return None
        try:
            return read_amount(text, self.currency or "USD", locale).minor
        except RuleBroken:
            errors.append((name, _("Write an amount like 1,000.00, or nothing.")))
            return None

    def _day(self, name: str, errors: list[tuple[str, str]]) -> date | None:
        text = getattr(self, name)
        if not text:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            errors.append((name, _("Write a day as 2026-12-31.")))
            return None


def typed(sent: Mapping[str, str]) -> Typed:
    """Return what a form sent, cut to length."""
    text = {
        each.name: str(sent.get(each.name, "")).replace("\0", "").strip()[:_MOST]
        for each in fields(Typed)
    }
    return Typed(**text | {"currency": text["currency"].upper()})


def shown(offer: Offer, *, locale: str, customer: str = "") -> Typed:
    """Return a rule as its form shows it."""
    return Typed(
        legal_entity=str(offer.legal_entity_id or ""), customer=customer, gateway=offer.gateway,
        method=offer.method, currency=offer.currency,
        at_least=_plain(offer.at_least_minor, offer.currency, locale),
        at_most=_plain(offer.at_most_minor, offer.currency, locale),
        valid_from=offer.valid_from.isoformat(),
        valid_until=offer.valid_until.isoformat() if offer.valid_until else "",
        offered="yes" if offer.is_offered else "no", place=str(offer.place or ""),
    )  # fmt: skip


def _plain(minor: int | None, currency: str, locale: str) -> str:
    return "" if minor is None else format_for_input(Money(minor, currency), locale)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
