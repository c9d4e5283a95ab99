"""Changes a row's status: the same way for every life cycle, whose table the room has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quittance.core.errors import QuittanceError, RuleBroken
from quittance.tenancy.rows import because


class IllegalTransition(QuittanceError):
    """The life cycle has no such step."""


class ChangedMeanwhile(RuleBroken):
    """Another worker was faster; read again what is there now."""


def move(
    row: Any,
    steps: Mapping[str, frozenset[str]],
    to: str,
    *,
    cause: str,
    changes: Mapping[str, object],
    lost: type[QuittanceError] = ChangedMeanwhile,
) -> bool:
    """Change the status by compare-and-set, inside a transaction; ``False``: it was ``to`` already.

    ``cause`` is the evidence that the timeline shows; ``changes`` are written in the same step.
    Raises ``IllegalTransition``, or ``lost`` when another worker was faster.
    """
    if row.status == to:
        return False
    if to not in steps[row.status]:
        raise IllegalTransition(subject=str(row.pk), status=row.status, to=to)
    because(cause[:200])
    found = type(row).objects.filter(pk=row.pk, status=row.status)
    if found.update(status=to, **changes) != 1:
        raise lost(subject=str(row.pk), status=row.status, to=to)
    row.status = to
    for name, value in changes.items():
        setattr(row, name, value)
    return True
