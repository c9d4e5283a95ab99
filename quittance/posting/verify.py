"""Compares what was confirmed with the ERP's ledger again, day by day for five weeks.

A clerk may have reversed it, a period may have been taken back, a company restored from a copy.
Nothing is posted again by itself: a person is told. When several are gone at once, something has
happened to the books themselves, and postings stop until a person has looked (F46 and F47 of
reliability.md).
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import F, Q, Sum

from quittance.connections.open import erp_for
from quittance.core import clock
from quittance.core.errors import OutsideError, Refused
from quittance.core.money import Money
from quittance.erp.base import Erp
from quittance.posting import gate
from quittance.posting.instructions import payment_of
from quittance.posting.models import ErpPosting
from quittance.tenancy.models import LegalEntity
from quittance.tenancy.rows import reading, writing

log = logging.getLogger(__name__)
S, K = ErpPosting.Status, ErpPosting.Kind
WATCHED_FOR: Final = timedelta(days=35)
EVERY: Final = timedelta(hours=20)  # so that each is looked at every day, whatever the hour
AT_ONCE: Final = 20  # looks for one legal entity in a minute: 28,800 a day, two requests each
TOO_MANY: Final = 3  # more than so many gone ...
WITHIN: Final = timedelta(hours=1)  # ... in this time stop the postings


def verify_confirmed() -> None:
    """Look at some confirmed postings of each legal entity of the organization again."""
    with reading():
        entities = LegalEntity.objects.values_list("pk", flat=True)
        asked = [each for each in entities if not gate.closed_until(each)]
    for legal_entity_id in asked:
        try:
            _verify(legal_entity_id)
        except OutsideError as error:
            gate.hold(legal_entity_id, error)
            log.warning("postings of %s are not verified: %s", legal_entity_id, error)


def _verify(legal_entity_id: UUID) -> None:
    now = clock.now()
    with reading():
        due = ErpPosting.objects.filter(
            Q(verified_at__isnull=True) | Q(verified_at__lt=now - EVERY),
            status=S.CONFIRMED, source_kind=K.PAYMENT, legal_entity_id=legal_entity_id,
            posted_at__gt=now - WATCHED_FOR,
        )  # fmt: skip
        postings = list(due.order_by(F("verified_at").asc(nulls_first=True))[:AT_ONCE])
    if not postings:
        return
    erp = erp_for(legal_entity_id)
    for posting in postings:
        wrong = _what_is_wrong(erp, posting)
        _keep(posting, wrong)
        if not wrong and posting.route.get("journal"):
            _remove_late_lines(erp, posting)


def _what_is_wrong(erp: Erp, posting: ErpPosting) -> str:
    """Say what a person must know of a posting; "" when it stands as it was confirmed."""
    name, day = posting.document_number, posting.posting_date
    with reading():
        instruction, by_us = payment_of(posting), _taken_back_by_us(posting)
    try:
        found = erp.find_posting(instruction)
    except Refused as error:
        return f"{name} does not stand in the ERP's books as it was posted on {day}. {error}"
    if found is None:
        return (
            f"{name} was posted on {day} with {posting.amount}, and the ERP's books do not show it"
            " any more. Nothing was posted again: find out why first."
        )
    taken = found.taken_back or Money(0, posting.currency)
    if taken.minor <= by_us.minor:
        return ""
    return (
        f"{taken - by_us} of {name} was taken back in the ERP, and no refund or return of ours says"
        " so. Nothing was posted again: find out why first."
    )


def _remove_late_lines(erp: Erp, posting: ErpPosting) -> None:
    """Take out of a shared journal what one who slept has laid there after the tidying."""
    with reading():
        instruction = payment_of(posting)
    try:
        erp.remove_draft(instruction)
    except Refused as error:
        log.warning("lines of %s may lie in their journal: %s", posting.document_number, error)


def _taken_back_by_us(posting: ErpPosting) -> Money:
    ours = ErpPosting.objects.filter(
        source_kind=K.REVERSAL, legal_entity_id=posting.legal_entity_id,
        reverses=posting.document_number,
    ).exclude(status=S.REPLACED)  # fmt: skip
    return Money(ours.aggregate(sum=Sum("amount_minor"))["sum"] or 0, posting.currency)


def _keep(posting: ErpPosting, words: str) -> None:
    """Write down what was found; the same finding is told once."""
    now = clock.now()
    with writing():
        row = ErpPosting.objects.filter(pk=posting.pk, status=S.CONFIRMED)
        row.update(verified_at=now, **({} if words else {"vanished_at": None}))
        if words and row.filter(vanished_at__isnull=True).update(
            vanished_at=now, remark=f"{words} {posting.remark}".strip()[:1000]
        ):
            _stop_if_many(posting.legal_entity_id)


def _stop_if_many(legal_entity_id: UUID) -> None:
    gone = ErpPosting.objects.filter(
        legal_entity_id=legal_entity_id, vanished_at__gt=clock.now() - WITHIN
    )
    names = list(gone.order_by("vanished_at").values_list("document_number", flat=True))
    if len(names) > TOO_MANY:
        gate.stop(
            legal_entity_id,
            because=f"{len(names)} postings are gone from the ERP's books within an hour, among"
            f" them {', '.join(names[:TOO_MANY])}. Was the company restored or copied?",
        )
