"""For whom we are working right now: set by a door or a job, read by everybody below."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from uuid import UUID

from quittance.core.errors import QuittanceError


class NoScope(QuittanceError):
    """Nobody said for which organization this runs."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows may be seen and changed.

    ``customer_accounts`` is ``None`` for staff and jobs, who see all of the organization; a buyer
    sees the listed ones only. ``actor`` is who acts, for the timeline: "user:<id>" or a job's name.
    """

    organization_id: UUID
    customer_accounts: frozenset[UUID] | None
    actor: str


_current: ContextVar[Scope | None] = ContextVar("quittance_scope", default=None)


def current_scope() -> Scope:
    """Return the scope. Raises ``NoScope`` outside of ``working_for``."""
    scope = _current.get()
    if scope is None:
        raise NoScope
    return scope


def current_organization_id() -> UUID:
    """Return the organization that new rows belong to. Raises ``NoScope``."""
    return current_scope().organization_id


@contextmanager
def working_for(
    organization_id: UUID, *, actor: str, customer_accounts: Iterable[UUID] | None = None
) -> Iterator[Scope]:
    """Work for one organization, or for some of its customer accounts, until the block ends."""
    accounts = None if customer_accounts is None else frozenset(customer_accounts)
    with _entered(Scope(organization_id, accounts, actor)) as scope:
        yield scope


@contextmanager
def narrowed_to(customer_accounts: Iterable[UUID]) -> Iterator[Scope]:
    """Work for only these customer accounts of the organization until the block ends."""
    scope = replace(current_scope(), customer_accounts=frozenset(customer_accounts))
    with _entered(scope):
        yield scope


@contextmanager
def widened() -> Iterator[Scope]:
    """Work for all of the organization, for what a buyer's act entails but a buyer may not see."""
    with _entered(replace(current_scope(), customer_accounts=None)) as scope:
        yield scope


@contextmanager
def _entered(scope: Scope) -> Iterator[Scope]:
    token = _current.set(scope)
    try:
        yield scope
    finally:
        _current.reset(token)
