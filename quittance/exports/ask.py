"""Asks for a file of many invoices' prints, and finds what was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Count, Q, Sum

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.exports.jobs import wake
from quittance.exports.models import Bundle, BundleDocument
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import reading, writing

GOOD_FOR: Final = timedelta(days=1)
MOST: Final[Mapping[str, int]] = {Bundle.Kind.ZIP: 2000, Bundle.Kind.PDF: 100}  # documents
MOST_OF_ONE: Final = 5  # files of one person; the oldest makes room


class NothingChosen(RuleBroken):
    """Select the invoices first whose PDFs you want."""


class TooManyDocuments(RuleBroken):
    """A ZIP takes 2,000 invoices at most, and one PDF 100. Choose fewer, or a ZIP."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A file that somebody asked for, and how far it is."""

    id: UUID
    kind: str
    created_at: datetime
    expires_at: datetime
    whole: int  # documents
    waiting: int
    failed: int
    size_bytes: int
    is_seen: bool  # ready, by the person

    @property
    def here(self) -> int:
        """How many documents are in it."""
        return self.whole - self.waiting - self.failed

    @property
    def is_ready(self) -> bool:
        """Whether nothing is waited for any more."""
        return not self.waiting


def ask_for(kind: str, invoice_ids: Sequence[UUID], *, user_id: UUID) -> UUID:
    """Have a file made of these invoices' prints, in their order; return its id.

    Invoices that the scope may not see are left out. Raises ``NothingChosen``,
    ``TooManyDocuments``.
    """
    if len(invoice_ids) > MOST[kind]:
        raise TooManyDocuments
    with writing():
        rows = Invoice.objects.filter(pk__in=invoice_ids)
        accounts = dict(rows.values_list("pk", "customer_account_id"))
        wanted = [each for each in dict.fromkeys(invoice_ids) if each in accounts]
        if not wanted:
            raise NothingChosen
        _make_room(user_id)
        bundle = Bundle.objects.create(
            customer_account_id=accounts[wanted[0]], user_id=user_id, kind=kind,
            expires_at=clock.now() + GOOD_FOR, whole=len(wanted),
        )  # fmt: skip
        BundleDocument.objects.bulk_create(
            BundleDocument(
                bundle=bundle, invoice_id=each, customer_account_id=accounts[each],
                user_id=user_id, position=position,
            )
            for position, each in enumerate(wanted)
        )  # fmt: skip
        record_event(
            "documents asked for", subject_kind="bundle", subject_id=bundle.pk, kind=kind,
            documents=len(wanted),
        )  # fmt: skip
        wake(bundle.pk)
    return bundle.pk


def try_again(bundle_id: UUID) -> bool:
    """Ask once more for what could not be had; say whether there was such a file."""
    with writing():
        if Bundle.objects.filter(pk=bundle_id, expires_at__gt=clock.now()).first() is None:
            return False
        failed = BundleDocument.objects.filter(bundle_id=bundle_id).exclude(failure="")
        if failed.update(failure=""):
            wake(bundle_id)
    return True


def asked_for(*, only: UUID | None = None) -> list[Asked]:
    """Return the files that the scope's person asked for and that are kept still, newest first.

    In a transaction of the caller. One whose documents the person may not all see any more is left
    out: it was made of accounts that are no longer theirs.
    """
    rows = Bundle.objects.filter(expires_at__gt=clock.now())
    if only is not None:
        rows = rows.filter(pk=only)
    waiting = Q(documents__content__isnull=True, documents__failure="")
    counted = rows.annotate(
        seen=Count("documents"),
        waiting=Count("documents", filter=waiting),
        failed=Count("documents", filter=~Q(documents__failure="")),
        size_bytes=Sum("documents__size_bytes"),
    )
    return [
        Asked(
            id=row.pk, kind=row.kind, created_at=row.created_at, expires_at=row.expires_at,
            whole=row.whole, waiting=row.waiting, failed=row.failed, size_bytes=row.size_bytes or 0,
            is_seen=row.seen_at is not None,
        )
        for row in counted.order_by("-created_at", "-pk")
        if row.seen == row.whole
    ]  # fmt: skip


def note_seen(bundle_id: UUID) -> None:
    """Write down that the person sees the file ready: nobody has to be told by mail."""
    with writing():
        Bundle.objects.filter(pk=bundle_id, seen_at=None).update(seen_at=clock.now())


def failed_of(bundle_id: UUID) -> list[tuple[str, UUID, str]]:
    """Return number, id and failure of what could not be had, in a transaction of the caller."""
    rows = BundleDocument.objects.filter(bundle_id=bundle_id).exclude(failure="")
    return list(rows.order_by("position").values_list("invoice__number", "invoice_id", "failure"))


def read_asked(bundle_id: UUID) -> Asked | None:
    """Return one file that the scope's person asked for, in a transaction of its own."""
    with reading():
        return next(iter(asked_for(only=bundle_id)), None)


def _make_room(user_id: UUID) -> None:
    kept = Bundle.objects.filter(user_id=user_id).order_by("-created_at", "-pk")
    older = list(kept.values_list("pk", flat=True)[MOST_OF_ONE - 1 :])
    BundleDocument.objects.filter(bundle__in=older).delete()
    Bundle.objects.filter(pk__in=older).delete()
