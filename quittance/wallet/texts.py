"""The words that payers agree to: dated files that nobody changes once they are published.

A new wording is a new file with a new day in ``version``. What somebody agreed to is kept word for
word in the consent itself, so an old file may go when nobody is shown it any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec

from quittance.core.errors import RuleBroken
from quittance.gateways.consent import Agreement, Holder

FOLDER: Final = Path(__file__).parent / "texts"


class NoText(RuleBroken):
    """There is no agreement for this way to pay, so it can not be kept."""


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One version of one agreement, as its file has it."""

    version: str
    scheme: str  # of a debit; else the method itself
    published: date
    locale: str
    method: str
    currencies: Sequence[str]  # empty: any
    holder: str  # "": whoever's account it is
    agreement: Agreement
    keep_years: int  # the proof, after the agreement ended
    amount_rule: str
    title: str
    text: Sequence[str]  # paragraphs, with {seller}, {company} and {place}
    source: str
    allow_list: str = ""  # a paragraph that is shown where the seller has told his {company_id}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """An agreement as one payer reads it."""

    title: str
    paragraphs: Sequence[str]
    version: str
    locale: str
    method: str
    scheme: str
    holder: Holder | None
    agreement: Agreement
    amount_rule: str
    company_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What the words speak of."""

    seller: str
    company: str  # the customer
    place: str  # where it can be ended, as the page is called
    company_id: str = ""  # that the seller's debits carry; "": not told


def wording(
    method: str, *, currency: str, holder: Holder | None, names: Names, day: date
) -> Wording:
    """Return the agreement that is shown on ``day``. Raises ``NoText``."""
    is_debit = method == "bank_debit"
    if is_debit and holder is None:
        raise NoText
    text = _latest(method, currency, holder, day)
    facts = {"seller": names.seller, "company": names.company, "place": names.place}
    paragraphs = [each.format(**facts) for each in text.text]
    company_id = names.company_id if text.allow_list else ""
    if company_id:
        paragraphs.append(text.allow_list.format(**facts, company_id=company_id))
    return Wording(
        title=text.title, paragraphs=paragraphs, version=text.version, locale=text.locale,
        method=method, scheme=text.scheme if is_debit else "", holder=holder,
        agreement=text.agreement, amount_rule=text.amount_rule, company_id=company_id,
    )  # fmt: skip


def title_of(version: str) -> str:
    """Return what a version is called; the version itself when its file is gone."""
    return next((each.title for each in all_texts() if each.version == version), version)


def keep_until(version: str, ended_on: date) -> date:
    """Return how long the proof of an agreement stays that ended on a day."""
    years = [each.keep_years for each in all_texts()]
    wanted = next((each.keep_years for each in all_texts() if each.version == version), max(years))
    try:
        return ended_on.replace(year=ended_on.year + wanted)
    except ValueError:  # the 29th of February
        return ended_on.replace(year=ended_on.year + wanted, day=28)


@lru_cache(maxsize=1)
def all_texts() -> Sequence[Text]:
    """Read every file."""
    paths = sorted(FOLDER.glob("*.json"))
    return [msgspec.json.decode(path.read_bytes(), type=Text) for path in paths]


def _latest(method: str, currency: str, holder: Holder | None, day: date) -> Text:
    """Return the text that fits by what its file says; one for the currency before the general.

    Source: features 5.1 (the holder decides) and 5.2 (no provider that we know offers SEPA B2B).
    """
    found = [
        each
        for each in all_texts()
        if each.method == method
        and each.published <= day
        and (not each.currencies or currency in each.currencies)
        and each.holder in {"", holder.value if holder else ""}
    ]
    if not found:
        raise NoText
    return max(found, key=lambda each: (bool(each.currencies), bool(each.holder), each.published))
