"""Puts facts into a mail's words: amounts and days as their reader writes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import get_language

from quittance.core.languages import ENGLISH, LANGUAGES
from quittance.core.money import Money
from quittance.ui.amounts import format_money
from quittance.ui.days import format_day


def text_of(*paragraphs: str, told: Mapping[str, object]) -> str:
    """Return a mail's paragraphs with the facts put in."""
    return "\n\n".join(each % told for each in paragraphs if each) + "\n"


def told_of(facts: Mapping[str, Any], seller: str) -> dict[str, object]:
    """What the words need: the facts, the seller, and the amount as its reader writes it."""
    told: dict[str, object] = {**facts, "seller": seller}
    if "amount_minor" in facts:
        told["amount"] = amount_of(Money(facts["amount_minor"], facts["currency"]))
    if "expires_on" in facts:
        told["expires_on"] = day_of(facts["expires_on"])
    return told


def amount_of(amount: Money) -> str:
    """Return "6400.00 USD" in English, else as the language does, always with the code."""
    locale = _locale()
    return format_money(amount, locale, code=True) if locale else str(amount)


def day_of(text: str) -> str:
    """Return "2027-03-31" in English, else as the language does."""
    locale = _locale()
    return format_day(date.fromisoformat(text), locale) if locale else text


def _locale() -> str:
    """Return how days and amounts are written; "" for English mails, which name them for all."""
    language = get_language() or ENGLISH
    return "" if language == ENGLISH else LANGUAGES[language].locale


def quoted(text: str) -> str:
    """Keep words of others as they are where the facts are put in."""
    return text.replace("%", "%%")
