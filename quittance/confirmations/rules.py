"""For which acts the organization wants a second person; to want it no more is such an act."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django.db import connection

from quittance.audit.record import record_event
from quittance.confirmations.models import Kind, SecondPersonRule
from quittance.confirmations.people import are_two, who_may_do
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.identity.models import User
from quittance.tenancy.scope import current_organization_id

KINDS: Final = tuple(each for each in Kind if each != Kind.RULES)


class NobodyElse(RuleBroken):
    """Nobody else could confirm it, so nobody could work. Nothing was changed: invite somebody."""


def kinds_on() -> list[str]:
    """Return the kinds of acts that want a second person, in a transaction of the caller."""
    rows = SecondPersonRule.objects.filter(is_on=True).values_list("kind", flat=True)
    return sorted(rows)


def wants_second(kind: str) -> bool:
    """Say whether such an act wants a second person, in a transaction of the caller.

    To want it no more does, while anything does.
    """
    on = kinds_on()
    return bool(on) if kind == Kind.RULES else kind in on


def enough_people(kind: str) -> bool:
    """Say whether two people may do such acts, and two may end the rule."""
    return all(_two(who_may_do(each)) for each in (kind, Kind.RULES))


def switch_on(kinds: Collection[str]) -> None:
    """Want a second person for these from now on, in a transaction of the caller.

    Raises ``NobodyElse``: a rule that no one can keep or end would lock everybody out.
    """
    _one_at_a_time()
    new = [each for each in KINDS if each in kinds and each not in kinds_on()]
    for kind in new:
        if not enough_people(kind):
            raise NobodyElse
        _keep(kind, is_on=True)
    if new:
        record_event("second person wanted", kinds=[str(each) for each in new])


def switch_off(kinds: Collection[str]) -> None:
    """Want nobody else for these any more, in the transaction in which another confirmed it.

    The database refuses it to a person without that.
    """
    _one_at_a_time()
    gone = [each for each in kinds_on() if each in kinds]
    for kind in gone:
        _keep(kind, is_on=False)
    if gone:
        record_event("second person wanted no more", kinds=gone)


def _keep(kind: str, *, is_on: bool) -> None:
    SecondPersonRule.objects.update_or_create(
        organization_id=current_organization_id(), kind=kind,
        defaults={"is_on": is_on, "changed_at": clock.now()},
    )  # fmt: skip


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        key = f"second person:{current_organization_id()}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def _two(people: list[User]) -> bool:
    return any(are_two(people[0], each) for each in people)
