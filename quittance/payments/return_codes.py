"""Why banks take money back, and what may and must happen then: dated data, not code.

Each file of ``bank_rules`` is one scheme's rules from ``valid_from`` on: ACH, SEPA direct debit,
and the words that gateways share. A new rule is a new file with a later day; a published one is
never changed. Every file names its source. It is no law: check it against your bank's rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

import msgspec
from django.utils.translation import gettext_noop as noop

FOLDER: Final = Path(__file__).parent / "bank_rules"
LET_PASS: Final = noop("The company ID that the bank must let pass is %(id)s.")


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One reason of a bank: what it means, for both sides, and what follows from it."""

    code: str
    title: str  # for the AR team
    words: str  # for the payer: "The bank returned the payment: ..."
    fault: Literal["payer", "seller", "unknown"]
    # May the same debit be tried again? "corrected": only once what was wrong is right.
    retry: Literal["again", "new_consent", "corrected", "never"]
    # "block": nothing is taken this way until a person has looked; "method": it ends, and its
    # authorization; "company": every debit of this customer ends, and needs a new authorization.
    stops: Literal["", "block", "method", "company"]
    deed: str  # what the payer can do
    team: str  # what the AR team has to do
    counts: Literal["", "unauthorized", "administrative"] = ""  # for the ceilings
    times: int = 0  # how often more it may be tried
    days: int = 0  # calendar days after the first debit within which it may
    names_company_id: bool = False  # the payer's bank may have to let the seller's number pass


class Window(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long a bank may take a payment back. What is empty fits every payment."""

    method: str
    currency: str = ""
    holder: str = ""  # "business" or "personal"
    scheme: str = ""  # of a kept method
    days: int = 0  # calendar days after the money came
    banking_days: int = 0  # or so many days on which banks work
    unauthorized_days: int = 0  # calendar days, when the payer says that he never agreed
    by_dispute: bool = False  # it would be a dispute: a refund in time avoids one


class Ceiling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which part of the debits may come back, in ten thousandths of their number."""

    counts: Literal["unauthorized", "administrative", "any"]
    per_ten_thousand: int


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a bank says of an account or its instruction, without any debit going back."""

    code: str
    title: str  # for the AR team
    # Whether it goes on being charged. The gateway is asked in any case, and its answer counts.
    method: Literal["kept", "ended"]
    team: str  # what the AR team has to do


class Presenting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a debit that came back is presented once more."""

    currency: str
    banking_days: int  # at least, from the return to what we take by ourselves
    of_scheme: str  # whose holidays count
    description: str  # what the entry is called


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rules of one scheme from a day on."""

    version: str
    scheme: str
    valid_from: date
    locale: str
    source: str
    codes: Sequence[Rule]
    windows: Sequence[Window]
    holidays: Sequence[date]  # on which its banks do not work; Saturdays and Sundays besides
    unknown: Rule | None = None  # of a code that no scheme knows: the safest
    ceilings: Sequence[Ceiling] = ()
    ceiling_days: int = 0  # the ceilings count the debits of so many days
    ceiling_currency: str = ""
    changes: Sequence[Change] = ()
    presenting: Presenting | None = None


def rule_of(code: str, day: date, *, among: Sequence[Rules] = ()) -> Rule:
    """Return what a bank's code means that was said on ``day``; by our files, or ``among`` others.

    A code that no file of that day knows is not tried again, and a person looks at it.
    """
    wanted, every = code.strip(), among or all_rules()
    known = {each.code: each for rules in rules_on(day, among=every) for each in rules.codes}
    return known.get(wanted.upper()) or known.get(wanted.lower()) or _unknown(every)


def is_known(code: str, day: date) -> bool:
    """Say whether a code has a rule of its own on ``day``."""
    return bool(rule_of(code, day).code)


def change_of(code: str, day: date) -> Change | None:
    """Return what a bank's word on an account meant on ``day``; ``None`` for one we do not know."""
    wanted = code.strip().upper()
    every = (each for rules in rules_on(day) for each in rules.changes)
    return next((each for each in every if each.code == wanted), None)


def presenting_of(currency: str, day: date) -> Presenting | None:
    """Return how a debit in ``currency`` is presented once more; ``None``: nothing is said."""
    found = (rules.presenting for rules in rules_on(day))
    return next((each for each in found if each and each.currency == currency), None)


def holidays_of(scheme: str, day: date) -> Sequence[date]:
    """Return on which days the banks of a scheme do not work, by the rules of ``day``."""
    return [each for rules in rules_on(day) if rules.scheme == scheme for each in rules.holidays]


def rules_on(day: date, *, among: Sequence[Rules] = ()) -> Sequence[Rules]:
    """Return what is in force on ``day``: of each scheme the file that began last."""
    found: dict[str, Rules] = {}
    for each in sorted(among or all_rules(), key=lambda rules: rules.valid_from):
        if each.valid_from <= day:
            found[each.scheme] = each
    return list(found.values())


@lru_cache(maxsize=1)
def all_rules() -> Sequence[Rules]:
    """Read every file."""
    return read_rules(FOLDER)


def read_rules(folder: Path) -> Sequence[Rules]:
    """Read the files of a folder. Raises ``msgspec.ValidationError`` for one that is no rules."""
    return [
        msgspec.json.decode(path.read_bytes(), type=Rules) for path in sorted(folder.glob("*.json"))
    ]


def _unknown(every: Sequence[Rules]) -> Rule:
    return next(each.unknown for each in every if each.unknown is not None)
