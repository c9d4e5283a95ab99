"""One step in the life of a row: allowed by a table, and taken by compare-and-set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from quittance.core.errors import QuittanceError, RuleBroken


class IllegalTransition(QuittanceError):
    """The life cycle has no such step."""


class ChangedMeanwhile(RuleBroken):
    """Another worker was faster; read again what is there now."""


class Lives(Protocol):
    """A row with a status, of a table that is changed through ``objects``."""

    pk: Any
    status: Any
    objects: Any


def may_go(row: Lives, to: str, steps: Mapping[str, frozenset[str]]) -> bool:
    """Say whether a row has to go to a status; ``False`` if it is there already.

    Raises ``IllegalTransition``.
    """
    if row.status == to:
        return False
    if to not in steps[row.status]:
        raise IllegalTransition(subject=str(row.pk), status=row.status, to=to)
    return True


def go(row: Lives, to: str, changes: Mapping[str, object]) -> None:
    """Change the status of a row by compare-and-set, in a transaction of the caller.

    Raises ``ChangedMeanwhile`` when another worker was faster.
    """
    found = type(row).objects.filter(pk=row.pk, status=row.status)
    if found.update(status=to, **changes) != 1:
        raise ChangedMeanwhile(subject=str(row.pk), status=row.status, to=to)
    row.status = to
    for name, value in changes.items():
        setattr(row, name, value)
