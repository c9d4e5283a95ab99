"""For whom we are working right now: set by a door or a job, read by everybody below."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from quittance.core.errors import QuittanceError


class NoScope(QuittanceError):
    """Nobody said for which organization this runs."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows may be seen and changed.

    ``customer_accounts`` is ``None`` for staff and jobs, who see all of the organization; a buyer
    sees the listed ones only. ``actor`` is who acts, for the timeline: "user:<id>" or a job's name;
    ``acting_for`` the one customer account that the act is for, as far as there is one, and
    ``on_behalf_of`` the person as whom somebody else looks at the portal, or "".
    ``reads_only`` has PostgreSQL itself refuse every change: of who may look, and no more.
    """

    organization_id: UUID
    customer_accounts: frozenset[UUID] | None
    actor: str
    acting_for: UUID | None = None
    on_behalf_of: str = ""
    reads_only: bool = False


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an act comes from, as the audit keeps it; all of it "" for jobs and commands."""

    address: str = ""  # the caller's network address
    browser: str = ""  # as it calls itself
    request_id: str = ""  # stands in the log's lines too


_NOWHERE: Final = Origin()
_current: ContextVar[Scope | None] = ContextVar("quittance_scope", default=None)
_origin: ContextVar[Origin] = ContextVar("quittance_origin", default=_NOWHERE)


def current_scope() -> Scope:
    """Return the scope. Raises ``NoScope`` outside of ``working_for``."""
    scope = _current.get()
    if scope is None:
        raise NoScope
    return scope


def scope_if_any() -> Scope | None:
    """Return the scope, or nothing outside of ``working_for``: for the log's lines."""
    return _current.get()


def current_organization_id() -> UUID:
    """Return the organization that new rows belong to. Raises ``NoScope``."""
    return current_scope().organization_id


def current_origin() -> Origin:
    """Return where the current act comes from."""
    return _origin.get()


@contextmanager
def coming_from(origin: Origin) -> Iterator[None]:
    """Say where all acts until the end of the block come from."""
    token = _origin.set(origin)
    try:
        yield
    finally:
        _origin.reset(token)


@contextmanager
def working_for(
    organization_id: UUID,
    *,
    actor: str,
    customer_accounts: Iterable[UUID] | None = None,
    acting_for: UUID | None = None,
    on_behalf_of: str = "",
    reads_only: bool = False,
) -> Iterator[Scope]:
    """Work for one organization, or for some of its customer accounts, until the block ends."""
    accounts = None if customer_accounts is None else frozenset(customer_accounts)
    acting_for = acting_for or _only(accounts)
    whose = Scope(organization_id, accounts, actor, acting_for, on_behalf_of, reads_only)
    with _entered(whose) as scope:
        yield scope


@contextmanager
def narrowed_to(customer_accounts: Iterable[UUID]) -> Iterator[Scope]:
    """Work for only these customer accounts of the organization until the block ends."""
    before, accounts = current_scope(), frozenset(customer_accounts)
    acting_for = _only(accounts) or before.acting_for
    with _entered(replace(before, customer_accounts=accounts, acting_for=acting_for)) as scope:
        yield scope


@contextmanager
def widened() -> Iterator[Scope]:
    """Work for all of the organization, for what a buyer's act entails but a buyer may not see."""
    with _entered(replace(current_scope(), customer_accounts=None)) as scope:
        yield scope


def _only(accounts: frozenset[UUID] | None) -> UUID | None:
    return next(iter(accounts)) if accounts and len(accounts) == 1 else None


@contextmanager
def _entered(scope: Scope) -> Iterator[Scope]:
    token = _current.set(scope)
    try:
        yield scope
    finally:
        _current.reset(token)
