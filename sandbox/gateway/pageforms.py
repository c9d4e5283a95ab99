"""Reads the two forms of the hosted page; what is wrong is said beside its field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from sandbox.gateway.clock import now
from sandbox.gateway.numbers import (
    BY_NUMBER,
    ROUTING_NUMBER,
    TestNumber,
    brand_of,
    luhn_holds,
    routing_holds,
)

_EXPIRY: Final = re.compile(r"\s*([0-9]{1,2})\s*[/.-]?\s*(?:20)?([0-9]{2})\s*")
_ONLY_TEST_NUMBERS: Final = "Use one of the test numbers on this page, never a real one."


@dataclass
class Read:
    """What a form said: the number to pay with, or the errors by field."""

    number: TestNumber | None = None
    expires: str = ""  # of a card: 2031-04
    errors: dict[str, str] = field(default_factory=dict)


def read(method: str, form: Mapping[str, str]) -> Read:
    """Read the form of a payment method."""
    return _read_card(form) if method == "card" else _read_bank(form)


def _read_card(form: Mapping[str, str]) -> Read:
    read_ = Read()
    digits = re.sub(r"[\s-]", "", form.get("number", ""))
    if not re.fullmatch("[0-9]{12,19}", digits):
        read_.errors["number"] = "Enter the 12 to 19 digits of the card number."
    elif not luhn_holds(digits):
        read_.errors["number"] = "This is not a card number. Check its digits."
    elif ("card", digits) not in BY_NUMBER:
        read_.errors["number"] = _ONLY_TEST_NUMBERS
    problem = _expiry_problem(form.get("expiry", ""), datetime.fromtimestamp(now(), UTC))
    if problem:
        read_.errors["expiry"] = problem
    length = 4 if brand_of(digits) == "amex" else 3
    if not re.fullmatch(f"[0-9]{{{length}}}", form.get("cvc", "").strip()):
        read_.errors["cvc"] = f"Enter the {length} digits of the security code."
    if not _is_name(form.get("name", "")):
        read_.errors["name"] = "Enter the name on the card."
    read_.number = None if read_.errors else BY_NUMBER["card", digits]
    read_.expires = "" if read_.errors else _month(form.get("expiry", ""))
    return read_


def _month(text: str) -> str:
    found = _EXPIRY.fullmatch(text)
    return f"20{found[2]}-{int(found[1]):02}" if found else ""


def _expiry_problem(text: str, today: datetime) -> str:
    match = _EXPIRY.fullmatch(text)
    if match is None or not 1 <= int(match[1]) <= 12:
        return "Enter month and year, such as 04/29."
    month, year = int(match[1]), 2000 + int(match[2])
    if (year, month) < (today.year, today.month):
        return "This card has expired. Use another one."
    if year > today.year + 20:
        return "This year is too far away. Check it."
    return ""


def _read_bank(form: Mapping[str, str]) -> Read:
    read_ = Read()
    if not _is_name(form.get("name", "")):
        read_.errors["name"] = "Enter the name of the account holder."
    routing = form.get("routing", "").replace(" ", "")
    if not re.fullmatch("[0-9]{9}", routing) or not routing_holds(routing):
        read_.errors["routing"] = "Enter the nine digits of the routing number."
    elif routing != ROUTING_NUMBER:
        read_.errors["routing"] = f"The sandbox's bank has the routing number {ROUTING_NUMBER}."
    account = form.get("account", "").replace(" ", "")
    if not re.fullmatch("[0-9]{4,17}", account):
        read_.errors["account"] = "Enter the 4 to 17 digits of the account number."
    elif ("bank_debit", account) not in BY_NUMBER:
        read_.errors["account"] = _ONLY_TEST_NUMBERS
    read_.number = None if read_.errors else BY_NUMBER["bank_debit", account]
    return read_


def _is_name(text: str) -> bool:
    return 2 <= len(text.strip()) <= 100 and text.isprintable()
