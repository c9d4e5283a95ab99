"""Begins a visit, finds it at each request, and ends it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q

from quittance.audit.record import record_event
from quittance.confirmations.models import Confirmation, Kind
from quittance.confirmations.requests import done
from quittance.confirmations.rules import wants_second
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.ids import new_id
from quittance.identity.browsers import alive
from quittance.identity.models import User
from quittance.identity.permissions import Permission, may
from quittance.receivables.models import CustomerAccount
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import current_scope, widened, working_for
from quittance.visits.models import LASTS, Visit

_LONGEST: Final = 100  # of a cookie that is looked at
_SHORTEST_REASON: Final = 5
_TOLD_FOR: Final = timedelta(days=90)  # the customer's people see a visit as long
_LISTED: Final = 50


class NoReason(RuleBroken):
    """Say in a few words why you look: it stands in the audit."""


class NotConfirmed(RuleBroken):
    """Another person has to confirm it before you look. Nothing was opened."""


class NotAllowed(RuleBroken):
    """Your role does not let you look as a customer. Nothing was opened."""


def reasoned(reason: str, ticket: str) -> tuple[str, str]:
    """Return why somebody looks, and the ticket, as they are kept. Raises ``NoReason``."""
    reason, ticket = " ".join(reason.split()), " ".join(ticket.split())
    if len(reason) < _SHORTEST_REASON:
        raise NoReason
    return reason[:200], ticket[:60]


def begin_visit(
    by: User, account_id: UUID, *, reason: str, ticket: str, sign_in_id: UUID,
    word_id: UUID | None = None,
) -> str:  # fmt: skip
    """Let one of the staff look as this customer for half an hour; return the cookie's token.

    An earlier visit of the person is over. ``word_id``: what another person confirmed; it is used
    up. Raises ``NoReason``, ``NotAllowed``, ``NotConfirmed``, and ``CustomerAccount.DoesNotExist``
    for one that the organization has not.
    """
    reason, ticket = reasoned(reason, ticket)
    if not may(by, Permission.VIEW_AS_CUSTOMER):
        raise NotAllowed
    token, now = secrets.token_urlsafe(32), clock.now()
    with _for(account_id), writing():
        User.objects.select_for_update(of=("self",)).get(pk=by.pk)  # one visit at a time
        CustomerAccount.objects.get(pk=account_id, gone_at=None)
        word = _word(word_id)
        for before in Visit.objects.filter(user=by, ended_at=None):
            _end(before, Visit.Ended.BY_NEXT)
        made = Visit.objects.create(
            id=word.subject_id if word else new_id(), user=by, customer_account_id=account_id,
            sign_in_id=sign_in_id, reason=reason, ticket=ticket, token_hash=_hash(token),
            began_at=now, ends_at=now + LASTS,
        )  # fmt: skip
        record_event(
            "visit.began", subject_kind="visit", subject_id=made.pk, reason=made.reason,
            ticket=made.ticket, until=made.ends_at.isoformat(),
            **({"confirmed_by": str(word.decided_by_id)} if word else {}),
        )  # fmt: skip
        if word:
            done(word, tells=False)
    return token


def find_visit(token: str) -> Visit | None:
    """Return the visit that goes on by this token, in a transaction of the caller.

    It is over with its time, with the session of the back office that it was begun in, and when the
    person may not look any more.
    """
    rows = Visit.objects.select_related("user").filter(token_hash=_hash(token[:_LONGEST]))
    found = rows.filter(ended_at=None, ends_at__gt=clock.now()).first()
    if found is None or not may(found.user, Permission.VIEW_AS_CUSTOMER):
        return None
    out = found.user.signed_out_at
    open_here = Q(enrol_from=None) | Q(enrol_from__gt=clock.now())
    still_in = alive(pk=found.sign_in_id, user=found.user).filter(open_here).exists()
    return found if still_in and not (out and out > found.began_at) else None


def end_visit(visit: Visit) -> None:
    """End a visit because its person wants so; one that is over stays as it ended."""
    with _for(visit.customer_account_id), writing():
        _end(visit, Visit.Ended.BY_PERSON)


def end_what_is_over() -> None:
    """Write down the end of visits whose half hour is over."""
    with reading():
        over = list(Visit.objects.filter(ended_at=None, ends_at__lte=clock.now())[:_LISTED])
    for each in over:
        with _for(each.customer_account_id), writing():
            _end(each, Visit.Ended.BY_TIME)


def visits_to(account_ids: Collection[UUID]) -> list[Visit]:
    """Return the visits of the last ninety days to these customers, the latest first.

    For the customer's own people: they see who looked, not why.
    """
    with widened(), reading():
        rows = Visit.objects.select_related("user", "customer_account").filter(
            customer_account_id__in=account_ids, began_at__gt=clock.now() - _TOLD_FOR
        )
        return list(rows.order_by("-began_at", "-pk")[:_LISTED])


def latest_visits() -> list[Visit]:
    """Return the organization's latest visits, in a transaction of the caller."""
    rows = Visit.objects.select_related("user", "customer_account")
    return list(rows.order_by("-began_at", "-pk")[:_LISTED])


def _word(word_id: UUID | None) -> Confirmation | None:
    """Return the other person's word, to be used now. Raises ``NotConfirmed`` where it is wanted.

    PostgreSQL looks, too, that it is of this person and about this customer.
    """
    if word_id is None:
        if wants_second(Kind.VISITS):
            raise NotConfirmed
        return None
    rows = Confirmation.objects.select_for_update(of=("self",)).filter(kind=Kind.VISITS)
    row = rows.filter(pk=word_id, status=Confirmation.Status.CONFIRMED).first()
    if row is None or row.is_over(clock.now()):
        raise NotConfirmed
    return row


def _end(visit: Visit, how: Visit.Ended) -> None:
    over = min(clock.now(), visit.ends_at)
    going_on = Visit.objects.filter(pk=visit.pk, ended_at=None)
    if going_on.update(ended_at=over, ended=how):
        record_event("visit.ended", subject_kind="visit", subject_id=visit.pk, how=str(how))


@contextmanager
def _for(account_id: UUID) -> Iterator[None]:
    """Have the audit say for which customer this is."""
    scope = current_scope()
    with working_for(scope.organization_id, actor=scope.actor, acting_for=account_id):
        yield


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
