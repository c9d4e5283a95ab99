"""Slows down who tries many cards at the checkout, without keeping anybody out for good.

Each payment of a person's click counts that came to nothing, declined or given up: a thief's as
much as an unlucky buyer's; and each whose page is still open, for a card may be tried there. One
that a gateway in trouble did not begin is nobody's try. Source: security.md, 4; the figures are
ours.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from quittance.audit.models import AuditEvent
from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.identity.throttle import note_network, wait_of_network
from quittance.payments.models import GatewayAttempt, Payment
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened

log = logging.getLogger(__name__)
A, P = GatewayAttempt.Status, Payment.Status
DAY: Final = timedelta(hours=24)
FREE: Final = 4  # payments of one person that came to nothing in a row, before the first wait
_FIRST_WAIT: Final = timedelta(seconds=30)  # doubles with each one more
_LONGEST_WAIT: Final = timedelta(hours=1)
A_DAY: Final = {"user": 10, "account": 15}  # that came to nothing within 24 hours
HOUR: Final = timedelta(hours=1)
BY_LINK: Final = 5  # of one pay link that came to nothing within an hour
ACT: Final = "pay"
BY_NETWORK: Final = 60  # payments begun within an hour; an office behind one address needs some
_ALERT_EVERY: Final = timedelta(hours=1)
SLOWED: Final = "payments slowed down"  # what the audit trail calls it
_BY_A_CLICK: Final = (Payment.Origin.CHECKOUT, Payment.Origin.PAY_LINK)
_LOST: Final = Q(status=P.CANCELLED) | Q(status=P.FAILED) & ~Q(reason="gateway_fault")
# The payer's move, or soon: what the bank has is no try any more, and takes days; nor is what a
# gateway in trouble perhaps began, for nobody was led to it.
_UNDER_WAY: Final = Q(status__in=[P.CREATED, P.IN_FLIGHT]) & (
    Q(attempts__status__in=[A.PREPARED, A.SENT, A.OPEN])
    | Q(attempts__status=A.UNKNOWN, attempts__gateway_object__isnull=False)
)


class TriedTooOften(RuleBroken):
    """Too many payments came to nothing lately. Nothing was charged. Wait a while, then try again.

    Nothing is wrong with the invoices: another way is to call the seller.
    """

    def __init__(self, *, retry_after_seconds: int) -> None:
        minutes = max(1, -(-retry_after_seconds // 60))
        super().__init__(
            _(
                "Too many payments came to nothing lately, so the next one has to wait. Nothing was"
                " charged. Try again in %(minutes)s min, or ask the seller."
            )
            % {"minutes": minutes}
        )
        self.retry_after_seconds = retry_after_seconds


def note_try(
    *,
    user_id: UUID | None,
    customer_account_ids: Collection[UUID],
    ip: str,
    pay_link_id: UUID | None = None,
) -> None:
    """Count a payment that is about to be begun, if it may be.

    Person (or, where a guest pays, the pay link), customer accounts (of guests or of their own
    people) and network count each alone.
    Raises ``TriedTooOften``; the AR team
    finds the first one of each hour in the log and in the audit trail.
    """
    with widened(), reading():
        waits = [wait_of_network(ACT, ip, most=BY_NETWORK)]
        waits += [_of_user(user_id)] if user_id else []
        waits += [_of_link(pay_link_id)] if pay_link_id else []
        by_link = pay_link_id is not None
        waits += [_of_account(each, by_link=by_link) for each in customer_account_ids]
    wait = max(waits)
    if wait > timedelta(0):
        kind, who = ("user", user_id) if user_id else ("pay_link", pay_link_id)
        _alert(kind, who, customer_account_ids)
        raise TriedTooOften(retry_after_seconds=max(1, round(wait.total_seconds())))
    with widened(), writing():
        note_network(ACT, ip)


def admit(
    *,
    user_id: UUID | None,
    pay_link_id: UUID | None,
    customer_account_id: UUID,
    key: str,
) -> None:
    """Let one payer's payments be written one by one, inside the transaction that writes them.

    So what others of his clicks begin at this moment is counted. Guests of one customer wait for
    each other: a second link is not a second chance. One that is written already under ``key`` may
    always be asked for. Raises ``TriedTooOften``.
    """
    with connection.cursor() as cursor:
        lock = f"{ACT}:{user_id or customer_account_id}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [lock])
    if Payment.objects.filter(idempotency_key=key).exists():
        return
    waits = [_of_user(user_id)] if user_id else []
    if pay_link_id:
        waits += [_of_link(pay_link_id), _of_account(customer_account_id, by_link=True)]
    wait = max(waits)
    if wait > timedelta(0):
        raise TriedTooOften(retry_after_seconds=max(1, round(wait.total_seconds())))


def _of_user(user_id: UUID) -> timedelta:
    """Return how long a person has to wait: more with each in a row, and after ten a day."""
    tries = _tries(Q(user_id=user_id), A_DAY["user"])
    since = Payment.objects.filter(user_id=user_id, status=P.SUCCEEDED, amount_minor__gt=0)
    last = since.order_by("-created_at").values_list("created_at", flat=True).first()
    row = [each for each in tries if last is None or each > last]
    wait = timedelta(0)
    if len(row) >= FREE:
        pause = min(_FIRST_WAIT * 2 ** (len(row) - FREE), _LONGEST_WAIT)
        wait = row[0] + pause - clock.now()
    return max(wait, _of_day(tries, A_DAY["user"]))


def _of_link(pay_link_id: UUID) -> timedelta:
    """Return how long a pay link has to wait after five within an hour. Source: security.md, 4."""
    tries = _tries(Q(pay_link_id=pay_link_id), BY_LINK)
    return tries[BY_LINK - 1] + HOUR - clock.now() if len(tries) >= BY_LINK else timedelta(0)


def _of_account(customer_account_id: UUID, *, by_link: bool) -> timedelta:
    """Return how long a customer account has to wait: its guests, or its own people.

    Apart, so that whoever was forwarded a link keeps nobody out who signs in.
    """
    origin = Payment.Origin.PAY_LINK if by_link else Payment.Origin.CHECKOUT
    own = Q(accounts__customer_account_id=customer_account_id, origin=origin)
    return _of_day(_tries(own, A_DAY["account"]), A_DAY["account"])


def _tries(whose: Q, most: int) -> Sequence[datetime]:
    """Return when the payments were begun that count, the latest first."""
    since = Payment.objects.filter(
        whose, origin__in=_BY_A_CLICK, amount_minor__gt=0, created_at__gte=clock.now() - DAY
    )
    found: list[datetime] = []
    for which in (_LOST, _UNDER_WAY):  # each has an index of its own
        rows = since.filter(which).order_by("-created_at")
        found += rows.values_list("created_at", flat=True)[:most]
    return sorted(found, reverse=True)[:most]


def _of_day(tries: Sequence[datetime], most: int) -> timedelta:
    return tries[most - 1] + DAY - clock.now() if len(tries) >= most else timedelta(0)


def _alert(kind: str, who: UUID | None, customer_account_ids: Collection[UUID]) -> None:
    log.warning("payments slowed down: %s %s", kind, who)
    with widened(), writing():
        told = AuditEvent.objects.filter(
            what=SLOWED, subject_id=who, happened_at__gte=clock.now() - _ALERT_EVERY
        )
        if not told.exists():
            accounts = sorted(map(str, customer_account_ids))
            record_event(SLOWED, subject_kind=kind, subject_id=who, customer_accounts=accounts)
