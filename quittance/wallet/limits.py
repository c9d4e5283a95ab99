"""Slows down who tries many cards, without keeping anybody out for good. Source: security.md, 4."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from quittance.audit.models import AuditEvent
from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import widened
from quittance.wallet.models import KeptMethod, Saving
from quittance.wallet.transitions import S

log = logging.getLogger(__name__)
WINDOW: Final = timedelta(hours=24)
A_DAY: Final = 3  # savings of one person within it, whatever became of them
CARDS: Final = 4  # different cards that one person had kept within it
FREE: Final = 3  # attempts of a customer or a network that kept nothing, before the first wait
_FIRST_WAIT: Final = timedelta(minutes=1)  # doubles with each attempt more
_LONGEST_WAIT: Final = timedelta(hours=4)
_ALERT_EVERY: Final = timedelta(hours=1)
LIMIT_HIT: Final = "method saving slowed down"  # what the audit trail calls it


class TooManySavings(RuleBroken):
    """There were too many attempts to add a way to pay. Nothing was saved. Try again later."""

    def __init__(self, words: str = "", *, retry_after_seconds: int) -> None:
        super().__init__(*filter(None, [words]))
        self.retry_after_seconds = retry_after_seconds


class Who(NamedTuple):
    """Who wants something kept; each of them is counted alone."""

    customer_account_id: UUID
    user_id: UUID
    ip_address: str


def one_by_one(who: Who) -> None:
    """Have whoever would be counted with this saving wait till it is written down.

    In the transaction that writes it: so of many at once each one counts those before it.
    """
    keys = sorted(f"saving:{each}" for each in who)
    with connection.cursor() as cursor:
        for key in keys:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def check_tries(who: Who) -> None:
    """Raise ``TooManySavings`` when person, customer or address tried too often lately.

    In a transaction that sees all of the organization, after ``one_by_one``. Of a person all
    savings of a day count, for each may try another card; of a customer and an address, which many
    people may share, those that kept nothing.
    """
    young = Q(created_at__gte=clock.now() - WINDOW)
    shared = (Q(customer_account_id=who.customer_account_id), Q(consent__ip_address=who.ip_address))
    wait = max(_of_person(who.user_id), *(_wait(each & young) for each in shared))
    if wait > timedelta(0):
        raise TooManySavings(retry_after_seconds=max(1, round(wait.total_seconds())))
    check_cards(who.user_id)


def check_cards(user_id: UUID) -> None:
    """Raise ``TooManySavings`` when a person had many different cards kept within a day.

    In a transaction that sees all of the organization.
    """
    rows = KeptMethod.objects.filter(
        saved_by_id=user_id, method="card", created_at__gte=clock.now() - WINDOW
    )
    cards: dict[str, datetime] = {}
    for row in rows.order_by("created_at"):
        cards.setdefault(row.fingerprint or row.label, row.created_at)
    if len(cards) >= CARDS:
        wait = sorted(cards.values())[-CARDS] + WINDOW - clock.now()
        raise TooManySavings(
            _(
                "You have kept several cards today, so no other one can be kept. Nothing was"
                " charged. Pay without keeping this one, or keep it tomorrow."
            ),
            retry_after_seconds=max(1, round(wait.total_seconds())),
        )


def alert(customer_account_id: UUID, *, user_id: UUID) -> None:
    """Tell the AR team, in the log and once an hour in the audit trail, that one was slowed down.

    Outside of any transaction.
    """
    log.warning("attempts to save a method slowed down: customer account %s", customer_account_id)
    with widened(), writing():
        told = AuditEvent.objects.filter(
            what=LIMIT_HIT, subject_id=customer_account_id,
            happened_at__gte=clock.now() - _ALERT_EVERY,
        )  # fmt: skip
        if not told.exists():
            record_event(
                LIMIT_HIT,
                subject_kind="customer_account",
                subject_id=customer_account_id,
                user_id=str(user_id),
            )


def _of_person(user_id: UUID) -> timedelta:
    """Return how long a person has to wait. What the gateway surely did not make counts not."""
    rows = Saving.objects.filter(user_id=user_id, created_at__gte=clock.now() - WINDOW)
    made = rows.exclude(gateway_saving="", status__in={S.FAILED, S.CANCELLED})
    tries = list(made.order_by("-created_at").values_list("created_at", flat=True)[:A_DAY])
    left: timedelta = tries[-1] + WINDOW - clock.now() if len(tries) == A_DAY else timedelta(0)
    return left


def _wait(those: Q) -> timedelta:
    rows = Saving.objects.filter(those).exclude(status__in={S.SAVED, S.VERIFYING})
    tries = list(rows.order_by("-created_at").values_list("created_at", flat=True)[:20])
    if len(tries) < FREE:
        return timedelta(0)
    pause = min(_FIRST_WAIT * 2 ** (len(tries) - FREE), _LONGEST_WAIT)
    left: timedelta = tries[0] + pause - clock.now()
    return left
