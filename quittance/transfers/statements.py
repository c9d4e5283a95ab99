"""Keeps what a bank statement tells: every movement once, however often it is told."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO, Final
from uuid import UUID

from django.utils.translation import gettext as _

from quittance.audit.record import record_event
from quittance.core.errors import RuleBroken
from quittance.core.ids import new_id
from quittance.core.money import Money
from quittance.tenancy.rows import because, writing
from quittance.tenancy.scope import current_scope
from quittance.transfers.camt import MOST_BYTES, Line, Statement, Unreadable, read_camt
from quittance.transfers.models import BankAccount, BankEntry, BankStatement

_BATCH: Final = 500
_BY_HAND: Final = "by hand"


class NotOurs(RuleBroken):
    """This file is of an account that is not in the list of bank accounts. Nothing was kept."""


class BookedElsewhere(RuleBroken):
    """The ERP books what comes on this account: read the statement there, or it is booked twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What came of a file."""

    statements: Sequence[BankStatement]
    lines: int
    news: int
    pending: int  # not booked at the bank yet


def keep_file(file: BinaryIO, *, name: str, size: int) -> Kept:
    """Keep what is new of a file of the bank, all of it or nothing; it is matched afterwards.

    Raises ``Unreadable``, ``NotOurs``, ``BookedElsewhere``.
    """
    if size > MOST_BYTES:
        words = _("This file is larger than %(most)s MB. Ask the bank for a file a day.")
        raise Unreadable(words % {"most": MOST_BYTES // 1024 // 1024})
    digest = _digest_of(file)
    found = read_camt(file)
    with writing():
        accounts = [_account_of(each) for each in found]
        kept = [
            _keep(account, each, name=name, digest=digest)
            for account, each in zip(accounts, found, strict=True)
        ]
    return Kept(
        statements=kept, lines=sum(each.lines for each in kept),
        news=sum(each.news for each in kept), pending=sum(each.pending for each in found),
    )  # fmt: skip


def keep_by_hand(
    account_id: UUID, *, amount: Money, booked: date, payer: str, text: str
) -> BankEntry:
    """Keep a movement that a clerk reads in the bank's pages. Raises as ``keep_file`` does.

    Raises ``RuleBroken`` for one that is there already: by hand nobody types the same one twice.
    """
    line = Line(amount=amount, booked=booked, party=payer[:140], text=text[:1000])
    with writing():
        account = BankAccount.objects.select_for_update().get(pk=account_id)
        _check_books(account)
        if amount.minor <= 0 or amount.currency != account.currency:
            raise RuleBroken(_("Type what came, in the currency of the account."))
        twins = BankEntry.objects.filter(
            bank_account=account, booked_date=booked, amount_minor=amount.minor, text=line.text
        )
        if twins.exists():
            raise RuleBroken(_("This movement is in the list already. Nothing was kept."))
        because("typed by a clerk")
        row = _entry(account, None, line, _key(line, 0, besides=_BY_HAND))
        row.save(force_insert=True)
        record_event(
            "bank movement typed",
            subject_kind="bank_entry",
            subject_id=row.pk,
            amount_minor=amount.minor,
        )
    return row


def _digest_of(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while piece := file.read(1 << 20):
        digest.update(piece)
    file.seek(0)
    return digest.hexdigest()


def _account_of(statement: Statement) -> BankAccount:
    """Return whose statement it is. The row stays ours: two clerks may read one file at once."""
    number = statement.account
    rows = BankAccount.objects.select_for_update()  # also switched off: money may come all the same
    found = [
        each
        for each in rows.order_by("pk")
        if number and number in {each.iban, each.number.upper(), f"{each.bank_code}{each.number}"}
    ]
    if statement.currency:
        found = [each for each in found if each.currency == statement.currency]
    if len(found) != 1:
        words = _("This file is of the account ••%(end)s %(currency)s, which is not in the list of"
                  " bank accounts. Nothing was kept.")  # fmt: skip
        raise NotOurs(words % {"end": number[-4:], "currency": statement.currency})
    _check_books(found[0])
    return found[0]


def _check_books(account: BankAccount) -> None:
    if account.booked_by != BankAccount.BookedBy.PORTAL:
        raise BookedElsewhere


def _keep(account: BankAccount, told: Statement, *, name: str, digest: str) -> BankStatement:
    because("read from a bank statement")
    counted: Counter[str] = Counter()
    keyed = []
    for line in told.lines:
        same = _key(line, 0)
        keyed.append((_key(line, counted[same]), line))
        counted[same] += 1
    known = set(
        BankEntry.objects.filter(bank_account=account).filter(
            key__in=[key for key, _line in keyed]
        ).values_list("key", flat=True)
    )  # fmt: skip
    news = [(key, line) for key, line in keyed if key not in known]
    statement = BankStatement.objects.create(
        id=new_id(), bank_account=account, file_name=name.replace("\0", "")[:200], sha256=digest,
        statement_id=told.statement_id, lines=len(keyed), news=len(news),
        read_by=current_scope().actor[:100],
    )  # fmt: skip
    rows = [_entry(account, statement, line, key) for key, line in news]
    BankEntry.objects.bulk_create(rows, batch_size=_BATCH)
    record_event(
        "bank statement read",
        subject_kind="bank_statement",
        subject_id=statement.pk,
        lines=len(keyed),
        news=len(news),
    )
    return statement


def _key(line: Line, place: int, *, besides: str = "") -> str:
    """Return the name of a movement, the same in whatever file it stands.

    The bank's own reference names it. Where a bank gives none, its content does, and how many were
    just like it before it in the file: two equal payments on one day are two.
    """
    # A file without details repeats the entry's reference, one with details may add it.
    own = [line.entry_reference, line.reference]
    reference = list(dict.fromkeys(filter(None, own)))
    content = [line.party_account, *line.references, line.text]
    named = [
        line.amount.minor, line.amount.currency, line.booked.isoformat(),
        reference or content, place, besides,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(named).encode()).hexdigest()


def _entry(
    account: BankAccount, statement: BankStatement | None, line: Line, key: str
) -> BankEntry:
    return BankEntry(
        id=new_id(), bank_account=account, statement=statement, key=key, booked_date=line.booked,
        amount_minor=line.amount.minor, currency=line.amount.currency, payer=line.party,
        payer_account="".join(line.party_account.split()).upper(), text=line.text,
        references=list(line.references), problem=_problem(account, line),
        bank_reference=line.reference or line.entry_reference,
    )  # fmt: skip


def _problem(account: BankAccount, line: Line) -> str:
    if line.problem:
        return line.problem
    if line.amount.currency != account.currency:
        return _("It is in another currency than the account.")
    if line.amount.minor < 0 and line.went_back:
        return _("Money that had come was sent back by a bank.")
    return ""
