"""Reads bank statements: camt.053 (statement) and camt.054 (notification), any of their versions.

A file comes from outside and may be anything: no document type, no entity and no other file is
read, elements are dropped as soon as they are read, and there is a limit on entries. Source: ISO
20022, BankToCustomerStatement and BankToCustomerDebitCreditNotification.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import IO, Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import iterparse  # type: ignore[import-untyped]
from django.utils.translation import gettext as _

from quittance.core.errors import RuleBroken
from quittance.core.money import InexactAmount, Money

MOST_BYTES: Final = 20 * 1024 * 1024
MOST_LINES: Final = 20_000
_DEEPEST: Final = 40  # elements in each other; the schema needs some 15
_NAMESPACE: Final = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:camt\.05([34])\.001\.\d\d\}")
_STATEMENTS: Final = frozenset({"Stmt", "Ntfctn"})
_BOOKED: Final = "BOOK"


class Unreadable(RuleBroken):
    """This file is no bank statement in the form camt.053 or camt.054. Nothing was kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One movement as the bank tells it. A batch has one for each of its transactions."""

    amount: Money  # below zero: it went away
    booked: date
    entry_reference: str = ""  # the bank's own, of the whole entry
    reference: str = ""  # the bank's own, of this transaction in it
    party: str = ""  # who paid; who was paid when it went away
    party_account: str = ""
    references: tuple[str, ...] = ()  # that stand in the fields made for them
    text: str = ""
    went_back: bool = False  # a return or a reversal
    problem: str = ""  # why a person must look, in words


@dataclass(slots=True)
class Statement:
    """What one file says of one account."""

    account: str = ""  # IBAN or number
    currency: str = ""  # "": not said
    statement_id: str = ""
    lines: list[Line] = field(default_factory=list)
    pending: int = 0  # entries that are not booked yet; they come again


def read_camt(file: IO[bytes]) -> list[Statement]:
    """Return the statements of a file with their booked lines. Raises ``Unreadable``."""
    try:
        found = list(_statements(file))
    except DefusedXmlException:
        raise Unreadable(
            _("This file declares entities or a document type. No bank's file does that; it was"
              " not read any further.")
        ) from None  # fmt: skip
    except (ParseError, UnicodeError, ValueError) as error:
        words = _("This file is no XML that can be read: %(why)s. Nothing was kept.")
        raise Unreadable(words % {"why": str(error)[:100]}) from None
    if not found:
        raise Unreadable
    return found


def _statements(file: IO[bytes]) -> Iterator[Statement]:
    """Yield each statement when it ends, and drop every element that has been read."""
    way: list[Element] = []
    current = Statement()
    lines = 0
    for event, element in iterparse(file, events=("start", "end"), forbid_dtd=True):
        tag = _tag(element)
        if event == "start":
            if not way and (tag != "Document" or not _NAMESPACE.match(element.tag)):
                raise Unreadable
            if len(way) == 2 and tag in _STATEMENTS:
                current = Statement()
            way.append(element)
            if len(way) > _DEEPEST:
                raise Unreadable
            continue
        way.pop()
        if len(way) == 3 and _tag(way[2]) in _STATEMENTS:
            if tag == "Ntry":
                lines += max(1, len(_all(element, "NtryDtls/TxDtls")))
            if lines > MOST_LINES:
                words = _("This file has more than %(most)s movements. Ask the bank for one a day.")
                raise Unreadable(words % {"most": f"{MOST_LINES:,}"})
            _take(current, tag, element)
            way[2].remove(element)
        elif len(way) == 2:
            if tag in _STATEMENTS:
                yield current
            way[1].remove(element)


def _take(statement: Statement, tag: str, element: Element) -> None:
    if tag == "Id":
        statement.statement_id = _words(element)[:200]
    elif tag == "Acct":
        statement.account = _number(element)
        statement.currency = _at(element, "Ccy")
    elif tag == "Ntry":
        status = _at(element, "Sts/Cd") or _at(element, "Sts")
        if status == _BOOKED:
            statement.lines += _lines(element)
        else:
            statement.pending += 1


def _lines(entry: Element) -> list[Line]:
    whole = _money(entry)
    if not whole.minor:  # a note of the bank's
        return []
    details = _all(entry, "NtryDtls/TxDtls")
    if len(details) <= 1:
        return [_line(entry, details[0] if details else None, whole, problem=_batch(entry))]
    amounts = [_part(each, whole) for each in details]
    known = [each for each in amounts if each is not None]
    if len(known) != len(details) or sum(each.minor for each in known) != whole.minor:
        words = _("It is a batch of %(count)s transactions whose amounts do not add up to it.")
        return [_line(entry, None, whole, problem=words % {"count": len(details)})]
    return [
        _line(entry, each, amount, problem="")
        for each, amount in zip(details, known, strict=True)
        if amount.minor
    ]


def _batch(entry: Element) -> str:
    """Say what is wrong with a batch of which the file does not tell the transactions."""
    count = _at(entry, "NtryDtls/Btch/NbOfTxs")
    if not count.isdigit() or int(count) < 2:
        return ""
    words = _("It is a batch of %(count)s transactions, and the file does not tell which. Ask the"
              " bank for statements with details.")  # fmt: skip
    return words % {"count": count}


def _line(entry: Element, detail: Element | None, amount: Money, *, problem: str) -> Line:
    came = amount.minor > 0
    role = "Dbtr" if came else "Cdtr"
    told = Element("none") if detail is None else detail
    references = [*_texts(told, "RmtInf/Strd/CdtrRefInf/Ref"), _at(told, "Refs/EndToEndId")]
    text = [*_texts(told, "RmtInf/Ustrd"), _at(told, "AddtlTxInf"), _at(entry, "AddtlNtryInf")]
    account = _at(told, f"RltdPties/{role}Acct/Id/IBAN")
    went_back = _at(entry, "RvslInd") in {"true", "1"} or _find(told, "RtrInf") is not None
    return Line(
        amount=amount,
        booked=_day(entry),
        entry_reference=_at(entry, "AcctSvcrRef")[:100],
        reference=_at(told, "Refs/AcctSvcrRef")[:100],
        party=(_at(told, f"RltdPties/{role}/Pty/Nm") or _at(told, f"RltdPties/{role}/Nm"))[:140],
        party_account=(account or _at(told, f"RltdPties/{role}Acct/Id/Othr/Id"))[:34],
        references=tuple(each[:140] for each in references if each and each != "NOTPROVIDED"),
        text=" ".join(filter(None, text))[:1000],
        went_back=went_back,
        problem=problem,
    )


def _part(detail: Element, whole: Money) -> Money | None:
    """Return the amount of one transaction of a batch; ``None``: not told in its currency."""
    for path in ("Amt", "AmtDtls/TxAmt/Amt"):
        found = _find(detail, path)
        if found is not None and found.get("Ccy") == whole.currency:
            sign = _at(detail, "CdtDbtInd") or ("CRDT" if whole.minor > 0 else "DBIT")
            return _amount(_words(found), whole.currency, sign)
    return None


def _money(entry: Element) -> Money:
    found = _find(entry, "Amt")
    if found is None:
        raise Unreadable(_("An entry has no amount. Nothing was kept."))
    return _amount(_words(found), found.get("Ccy", ""), _at(entry, "CdtDbtInd"))


def _amount(text: str, currency: str, sign: str) -> Money:
    try:
        minor = Money.from_decimal(Decimal(text), currency).minor
    except (InvalidOperation, InexactAmount):
        minor = -1
    if minor < 0 or len(currency) != 3 or sign not in {"CRDT", "DBIT"}:
        words = _("“%(text)s %(currency)s” is no amount of an entry. Nothing was kept.")
        raise Unreadable(words % {"text": text[:40], "currency": currency[:3]})
    return Money(minor if sign == "CRDT" else -minor, currency)


def _day(entry: Element) -> date:
    for path in ("BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm"):
        text = _at(entry, path)[:10]
        if text:
            return date.fromisoformat(text)
    raise Unreadable(_("An entry has no day on which it was booked. Nothing was kept."))


def _number(account: Element) -> str:
    number = _at(account, "Id/IBAN") or _at(account, "Id/Othr/Id")
    return "".join(number.split()).upper()[:34]


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _all(element: Element, path: str) -> list[Element]:
    found = [element]
    for name in path.split("/"):
        found = [child for each in found for child in each if _tag(child) == name]
    return found


def _find(element: Element, path: str) -> Element | None:
    return next(iter(_all(element, path)), None)


def _at(element: Element, path: str) -> str:
    found = _find(element, path)
    return "" if found is None else _words(found)


def _texts(element: Element, path: str) -> list[str]:
    return [words for each in _all(element, path) if (words := _words(each))]


def _words(element: Element) -> str:
    return " ".join((element.text or "").split())
