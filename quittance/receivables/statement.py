"""Draws a statement of account: from the customer ledger where the ERP shows it, else open items.

The customer ledger is not mirrored: it is asked when somebody wants a statement. Its entries do not
say when an early-payment discount was taken off, so what applications took off in all is a figure
of its own. The same entries always make the same statement, and its fingerprint proves it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple
from uuid import UUID

from quittance.connections.open import erp_for
from quittance.core.money import Money, total
from quittance.erp.documents import LedgerEntryRecord, LedgerKind, ShowsLedger
from quittance.receivables.aging import BUCKETS, LATENESS
from quittance.receivables.models import Credit, Invoice

_PATIENCE_SECONDS: Final = 15.0  # a person waits, and has asked for much


class Source:
    """What a statement is drawn from."""

    LEDGER = "ledger"  # every entry that was posted
    OPEN_ITEMS = "open_items"  # the mirror: what is open today, not what was paid


class Line(NamedTuple):
    """One entry, and the balance after it."""

    day: date
    kind: str  # a word of ``LedgerKind``
    number: str
    amount: Money  # above zero: owed
    balance: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is still owed of the entries until today; no entry says what it was on another day.

    The statement's ``closing`` less ``taken_off`` and with ``settled_later`` is what is owed, and
    so is the aging with ``unapplied``.
    """

    taken_off: Money  # by applications, in all
    settled_later: Money  # what entries of later days have settled already; mostly below zero
    aging: Sequence[tuple[str, Money]]
    unapplied: Money  # open credit, which the aging does not hold; below zero
    later: int  # so many entries bear a later day and are left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The account of one customer in one currency. ``opening`` and ``lines`` sum to ``closing``."""

    account_name: str
    account_number: str
    currency: str
    source: str
    since: date | None  # None: from the beginning
    until: date
    opening: Money
    lines: Sequence[Line]
    closing: Money
    standing: Standing | None  # ``None`` where the period ended before today

    @property
    def fingerprint(self) -> str:
        """A hash of the account, the period and every entry, and of nothing that time changes.

        The standing is left out: what was printed yesterday compares with the same period today.
        """
        facts = [
            self.account_number, self.currency, self.source, str(self.since or ""),
            str(self.until), self.opening.minor, self.closing.minor,
            [[str(x.day), x.kind, x.number, x.amount.minor] for x in self.lines],
        ]  # fmt: skip
        text = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def ledger_of(
    legal_entity_id: UUID,
    customer_erp_id: str,
    *,
    seconds: float = _PATIENCE_SECONDS,
    so_far: Callable[[int], None] | None = None,
) -> Sequence[LedgerEntryRecord] | None:
    """Return every entry of a customer; ``None`` where the ERP does not show its ledger.

    ``so_far`` hears meanwhile how many were read. Raises ``OutsideError``.
    """
    erp = erp_for(legal_entity_id, seconds=seconds)
    if not isinstance(erp, ShowsLedger):
        return None
    return erp.ledger_entries(customer_erp_id, so_far=so_far)


def open_items_of(account_id: UUID) -> list[LedgerEntryRecord]:
    """Return the mirror's open invoices and credit as entries, in the caller's transaction."""
    invoices = Invoice.objects.filter(
        customer_account_id=account_id, erp_status=Invoice.ErpStatus.OPEN
    ).values_list("number", "issued_date", "due_date", "currency", "open_minor")
    credits_ = Credit.objects.filter(customer_account_id=account_id, open_minor__gt=0).values_list(
        "number", "issued_date", "currency", "open_minor", "kind"
    )
    rows = [
        (issued, number, LedgerKind.INVOICE, due, Money(minor, currency))
        for number, issued, due, currency, minor in invoices
    ] + [
        (issued, number, LedgerKind(kind), issued, Money(-minor, currency))
        for number, issued, currency, minor, kind in credits_
    ]
    return [
        LedgerEntryRecord(
            number=place, kind=kind, document_number=number, posted_date=issued, due_date=due,
            amount=amount, open=amount,
        )
        for place, (issued, number, kind, due, amount) in enumerate(
            sorted(rows, key=lambda row: (row[0], row[1], row[4].currency, row[4].minor))
        )
    ]  # fmt: skip


def draw(
    entries: Iterable[LedgerEntryRecord],
    *,
    account: tuple[str, str],
    currency: str,
    source: str,
    since: date | None,
    until: date,
    today: date,
) -> Statement:
    """Draw one currency of ``entries``, which come by day and number. ``account``: name, number.

    How it stands is known for ``today`` only.
    """
    own = [each for each in entries if each.amount.currency == currency]
    before = [each for each in own if since and each.posted_date < since]
    balance = opening = total((each.amount for each in before), currency)
    lines = []
    for each in own:
        if (since is None or each.posted_date >= since) and each.posted_date <= until:
            balance += each.amount
            lines.append(
                Line(each.posted_date, each.kind.value, each.document_number, each.amount, balance)
            )
    return Statement(
        account_name=account[0], account_number=account[1], currency=currency, source=source,
        since=since, until=until, opening=opening, lines=lines, closing=balance,
        standing=_standing(own, today, currency) if until == today else None,
    )  # fmt: skip


def _standing(entries: Sequence[LedgerEntryRecord], today: date, currency: str) -> Standing:
    """Tell it of the entries until today; later ones may be applied to them already.

    Applications move nothing between all entries together, so by what all amounts are more than all
    that is open, so much was taken off.
    """
    zero = Money(0, currency)
    known = [each for each in entries if each.posted_date <= today]
    later = [each for each in entries if each.posted_date > today]
    owed = [(each.open, (today - each.due_date).days) for each in known if zero < each.open]
    return Standing(
        taken_off=_applied(entries, currency),
        settled_later=_applied(later, currency),
        aging=[
            (bucket, total((open_ for open_, late in owed if _is_in(bucket, late)), currency))
            for bucket in BUCKETS
        ],
        unapplied=total((each.open for each in known if each.open < zero), currency),
        later=len(later),
    )


def _applied(entries: Sequence[LedgerEntryRecord], currency: str) -> Money:
    amounts, open_ = (each.amount for each in entries), (each.open for each in entries)
    return total(amounts, currency) - total(open_, currency)


def _is_in(bucket: str, late: int) -> bool:
    least, most = LATENESS[bucket]
    return (least is None or late >= least) and (most is None or late <= most)
