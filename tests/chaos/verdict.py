"""Compares the journal with the three books: everything once, nothing twice, nothing unknown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.books import Books, Row

_WITH_A_PERSON = ("rejected", "by_hand", "handled")


@dataclass(slots=True)
class Verdict:
    """What does not agree, in sentences, and how much was compared."""

    wrong: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)  # what pages said instead of going on


def judge(lines: Iterable[Row], books: Books) -> Verdict:
    """Compare everything with everything."""
    verdict = Verdict()
    journal = list(lines)
    for check in (_journal, _intents, _gateway, _erp):
        verdict.wrong += check(journal, books)
    verdict.wrong += _gone(books)
    verdict.wrong += _sums(books)
    verdict.counts.update(f"journal: {line['what']}" for line in journal)
    verdict.refusals.update(
        re.sub(r"\S*\d\S*", "…", line["text"]) for line in journal if line["what"] == "refused"
    )
    verdict.counts.update(f"payments {each['status']}" for each in books.payments.values())
    verdict.counts.update(f"postings {each['status']}" for each in books.postings.values())
    verdict.counts["drafts left in the ERP"] = len(books.drafts)
    verdict.counts.update(f"went back: {kind}" for _, kind, _, _ in books.gone_there.elements())
    verdict.counts["charges at the gateway"] = len(books.charges)
    verdict.counts["entries in the ERP"] = sum(map(len, books.entries.values()))
    return verdict


def _journal(journal: list[Row], books: Books) -> Iterator[str]:
    """What a buyer was told must be so, for ever."""
    for line in journal:
        payment = books.payments.get(line.get("payment", ""))
        if "payment" in line and payment is None:
            yield f"LOST: {line['who']} was shown payment {line['payment']}, and it is nowhere."
            continue
        match line["what"], payment:
            case (("received" | "posted"), dict()) if payment["status"] != "succeeded":
                yield f"LOST: {payment['number']} was shown as paid and is {payment['status']}."
            case "received", dict() if line["number"] != payment["number"]:
                yield f"The page of {payment['number']} said {line['number']}."
            case "posted", dict() if not set(line["document"].split(", ")) <= {*books.entries}:
                yield f"LOST: {payment['number']} was shown as posted; the ERP has no entry."
            case "over", dict() if payment["status"] not in {"failed", "cancelled"}:
                yield f"{payment['number']} was shown as over and is {payment['status']}."


def _intents(journal: list[Row], books: Books) -> Iterator[str]:
    """One basket is one payment at most, of the amount that the button showed last."""
    pressed: dict[str, Row] = {
        line["basket"]: line for line in journal if line["what"] == "pressed"
    }
    for payment in books.payments.values():
        line = pressed.get(payment["basket"])
        if line is None:
            yield f"{payment['number']}: nobody pressed the button for it."
        elif (line["total"], line["currency"]) != (payment["amount_minor"], payment["currency"]):
            yield f"{payment['number']} is of another amount than the button said: {line}"


def _gateway(journal: list[Row], books: Books) -> Iterator[str]:
    """The gateway's charges are our successes, one to one, and the surplus that we know of."""
    charges: dict[str, list[Row]] = {}
    for charge in books.charges:
        charges.setdefault(charge["payment"], []).append(charge)
    known = {each["object"]: each for each in books.attempts if each["object"]}
    for object_, many in charges.items():
        attempt = known.get(object_)
        if len(many) != 1:
            yield f"DOUBLED: {object_} was charged {len(many)} times."
        if attempt is None or attempt["status"] not in {"succeeded", "surplus"}:
            status = attempt["status"] if attempt else "unknown to us"
            yield f"LOST: the gateway charged {many[0]['reference']}, which is {status}."
        elif _money(attempt, "amount_minor") != _money(many[0], "gross_minor"):
            yield f"{many[0]['reference']} was charged another amount than we asked for."
    for attempt in books.attempts:
        if attempt["status"] == "succeeded" and attempt["object"] not in charges:
            yield f"{attempt['reference']} succeeded here, and the gateway charged nothing."
    taken = Counter(
        each["payment"] for each in books.attempts if each["status"] in {"succeeded", "surplus"}
    )
    for payment, times in taken.items():
        if times > 1:
            yield f"DOUBLED: payment {payment} was taken {times} times."
    for line in journal:
        charged = line["what"] == "gateway took it" and line["object"] in charges
        if charged and known[line["object"]]["status"] not in {"succeeded", "surplus"}:
            yield f"LOST: the gateway took {line['payment']}, and it is no success here."


def _gone(books: Books) -> Iterator[str]:
    """What went back stands in both books, each movement once; what came too much went back."""
    for each in books.gone_there - books.gone_here:
        yield f"LOST: the gateway says that {each} went back, and we do not know."
    for each in books.gone_here - books.gone_there:
        yield f"DOUBLED: we say that {each} went back, and the gateway does not."
    for attempt in books.attempts:
        if attempt["status"] == "surplus":
            yield from _sent_back(attempt, books)


def _sent_back(attempt: Row, books: Books) -> Iterator[str]:
    """All of it goes back. A bank that takes it too, after our refund, has it twice: we say so.

    When somebody sends a part of it back first, our refund of all of it is refused: we say so, too.
    """
    moved: Counter[str] = Counter()
    for object_, kind, minor, _ in books.gone_here.elements():
        moved[kind] += minor if object_ == attempt["object"] else 0
    back, came = moved.total() - 2 * moved["dispute_won"], attempt["amount_minor"]
    if (back < came and not attempt["problem"]) or moved["refund"] > came:
        yield f"{attempt['reference']} came too late, and {back} of {came} went back: {moved}"
    if back > came and attempt["object"] not in books.told:
        yield f"{back} of {came} of {attempt['reference']} went back, and nobody is told: {moved}"


def _erp(journal: list[Row], books: Books) -> Iterator[str]:
    """Each success is booked once, invoice by invoice; nothing else of ours is in the ERP."""
    for document, entries in books.entries.items():
        posting = books.postings.get(document)
        if posting is None:
            yield f"The ERP has document {document}, of which we know nothing."
        elif posting["status"] == "replaced":
            yield f"DOUBLED: another posting stands for {document}, and the ERP has both."
        elif sorted(e["minor"] for e in entries) != sorted(minor for _, minor in posting["lines"]):
            yield f"DOUBLED or LOST: {document} is {entries} in the ERP, told: {posting['lines']}"
    cheques = {line["invoice"] for line in journal if line["what"] == "cheque"}
    living = Counter(each["payment"] for each in _living(books))
    for payment in books.payments.values():
        if living[payment["id"]] != (payment["status"] == "succeeded"):
            yield f"{payment['number']} is {payment['status']}, told {living[payment['id']]} times."
    for posting in _living(books):
        booked = posting["document"] in books.entries
        invoices = {number for number, _ in posting["lines"]}
        if posting["status"] == "confirmed" and not booked:
            yield f"LOST: {posting['document']} is confirmed, and the ERP has no entry."
        if posting["status"] in _WITH_A_PERSON and not invoices & cheques:
            yield f"{posting['document']} was refused without a reason: {posting['rejection']}"


def _living(books: Books) -> list[Row]:
    """The postings that stand for their payment: no other one has taken their place."""
    return [each for each in books.postings.values() if each["status"] != "replaced"]


def _sums(books: Books) -> Iterator[str]:
    """The three books agree to the minor unit, in each currency."""
    portal, gateway, erp = books.portal_sums(), books.gateway_sums(), books.erp_sums()
    surplus: Counter[str] = Counter()
    for each in books.attempts:
        if each["status"] == "surplus":
            surplus[each["currency"]] += each["amount_minor"]
    waiting: Counter[str] = Counter()
    for each in _living(books):
        if each["document"] not in books.entries and each["status"] in _WITH_A_PERSON:
            waiting[each["currency"]] += each["amount_minor"]
    for currency in sorted({*portal, *gateway, *erp}):
        if gateway[currency] - surplus[currency] != portal[currency]:
            yield f"{currency}: portal {portal[currency]}, gateway {gateway[currency]}"
        if erp[currency] + waiting[currency] != portal[currency]:
            yield f"{currency}: portal {portal[currency]}, ERP {erp[currency]}"


def _money(row: Row, name: str) -> tuple[Any, Any]:
    return row["currency"], row[name]
