"""What an ERP can do to help with being connected, and what it finds out then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from quittance.erp.base import Route


class Outcome(StrEnum):
    """How one step of a test went."""

    GOOD = "good"
    DOUBTFUL = "doubtful"  # it works, and something is not as it should be
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One value that a setting may have, and what people call it."""

    value: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One step of a test. ``sentence`` says what was found, and for a failure the cure."""

    step: str  # such as "token"
    title: str
    outcome: Outcome
    sentence: str
    needed: bool = True  # whether a connection that fails here is of no use


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """Whether this connection can do one thing. ``sentence``: why not, and the cure."""

    name: str
    title: str
    can: bool
    sentence: str = ""


@runtime_checkable
class Connects(Protocol):
    """An optional deed: names the values of settings, and tests a connection step by step."""

    def choices(self, field: str) -> Sequence[Choice]:
        """Return what the setting may be here, the likeliest first. Raises ``OutsideError``.

        Nothing for a setting that anything may be. One value only: it is surely that.
        """

    def test(self, *, writing: bool) -> Iterator[Tried]:
        """Test one step after the other; one that the rest depends on ends it. Raises nothing.

        ``writing`` writes something that nobody can mistake, and removes it again. What a run that
        was killed has left is removed by the next one. Nothing is posted.
        """

    def capabilities(self) -> Sequence[Capability]:
        """Find out what can be read and done. Writes nothing. Raises ``OutsideError``."""

    def permissions(self) -> Sequence[str]:
        """Return, a line each, which rights to give in the ERP, and how sure we are of that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a route cannot work: which part of it, and what to do."""

    field: str
    sentence: str


@runtime_checkable
class TakesRoutes(Protocol):
    """An optional deed: payments can be booked in more than one way."""

    def check_route(self, route: Route, *, currency: str, fee_account: str) -> Sequence[Problem]:
        """Return why payments in ``currency`` ("": in any) cannot go this way; nothing if they can.

        May write a line that can never be posted into the shared journal, and removes it again.
        Raises ``OutsideError`` when it cannot be found out.
        """

    def route_choices(self, field: str) -> Sequence[Choice]:
        """Return what a part of a route may be: "account", "journal", "bank_account", "dimension".

        Raises ``OutsideError``.
        """

    def route_notes(self) -> Sequence[str]:
        """Return what of a route this ERP's interface cannot carry, in sentences for people."""
