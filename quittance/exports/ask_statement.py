"""Asks for a statement as a file, and finds what was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.exports.ask import GOOD_FOR, MOST_OF_ONE
from quittance.exports.jobs import wake_statement
from quittance.exports.models import StatementFile
from quittance.tenancy.rows import reading, writing

_FIELDS: Final = (
    "id", "form", "since", "until", "currency", "created_at", "expires_at", "seen_at", "entries",
    "lines", "fingerprint", "size_bytes", "failure",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Which statement somebody wants, and how it is written."""

    customer_account_id: UUID
    form: str  # pdf, csv or xlsx
    since: date | None
    until: date
    currency: str
    language: str
    locale: str
    site: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A statement that somebody asked for, and how far it is."""

    id: UUID
    form: str
    since: date | None
    until: date
    currency: str
    created_at: datetime
    expires_at: datetime
    seen_at: datetime | None  # ready
    entries: int  # of the ledger, read so far
    lines: int  # of the period
    fingerprint: str
    size_bytes: int
    failure: str

    @property
    def is_here(self) -> bool:
        """Whether it can be taken away."""
        return bool(self.fingerprint)

    @property
    def is_over(self) -> bool:
        """Whether nothing is waited for any more."""
        return self.is_here or bool(self.failure)


def ask_for_statement(order: Order, *, user_id: UUID) -> UUID:
    """Have a statement made as a file; return its id. The person's oldest one makes room."""
    with writing():
        kept = StatementFile.objects.filter(user_id=user_id).order_by("-created_at", "-pk")
        older = list(kept.values_list("pk", flat=True)[MOST_OF_ONE - 1 :])
        StatementFile.objects.filter(pk__in=older).delete()
        made = StatementFile.objects.create(
            customer_account_id=order.customer_account_id, user_id=user_id, form=order.form,
            since=order.since, until=order.until, currency=order.currency,
            language=order.language, locale=order.locale, site=order.site,
            expires_at=clock.now() + GOOD_FOR,
        )  # fmt: skip
        record_event(
            "statement asked for", subject_kind="statement_file", subject_id=made.pk,
            form=order.form, since=str(order.since or ""), until=str(order.until),
        )  # fmt: skip
        wake_statement(made.pk)
    return made.pk


def try_statement_again(statement_id: UUID) -> bool:
    """Ask once more for one that came to nothing; say whether there is such a file."""
    with writing():
        rows = StatementFile.objects.filter(pk=statement_id, expires_at__gt=clock.now())
        if not rows.exists():
            return False
        if rows.exclude(failure="").update(failure="", entries=0):
            record_event(
                "statement asked for again", subject_kind="statement_file", subject_id=statement_id
            )
            wake_statement(statement_id)
    return True


def statements_asked(*, only: UUID | None = None) -> list[Prepared]:
    """Return what the scope's person asked for and is kept still, newest first.

    In a transaction of the caller.
    """
    rows = StatementFile.objects.filter(expires_at__gt=clock.now())
    if only is not None:
        rows = rows.filter(pk=only)
    return [Prepared(**row) for row in rows.order_by("-created_at", "-pk").values(*_FIELDS)]


def read_statement(statement_id: UUID) -> Prepared | None:
    """Return one that the scope's person asked for, in a transaction of its own."""
    with reading():
        return next(iter(statements_asked(only=statement_id)), None)


def content_of(statement_id: UUID) -> bytes:
    """Return the file of one that is ready."""
    with reading():
        kept = StatementFile.objects.filter(pk=statement_id).values_list("content", flat=True)
        return bytes(kept.get() or b"")


def note_statement_seen(statement_id: UUID) -> None:
    """Write down that the person sees it ready: nobody has to be told by mail."""
    with writing():
        StatementFile.objects.filter(pk=statement_id, seen_at=None).update(seen_at=clock.now())
