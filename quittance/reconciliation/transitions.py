"""What a finding may become."""

from __future__ import annotations

from typing import Final

from quittance.reconciliation.apart import book_unknown
from quittance.reconciliation.models import Finding
from quittance.tenancy.moving import IllegalTransition
from quittance.tenancy.rows import because

F = Finding.Status
FINDING: Final[dict[str, frozenset[str]]] = {
    F.OPEN: frozenset({F.HEALED, F.HANDLED}),
    F.HEALED: frozenset({F.OPEN}),  # it came back
    F.HANDLED: frozenset({F.OPEN, F.HEALED}),  # it is another one now; it is gone after all
}


def move_finding(finding: Finding, to: str, *, cause: str, **changes: object) -> bool:
    """Change a finding's status by compare-and-set, inside a transaction; the ledger follows.

    ``False``: somebody was faster. Raises ``IllegalTransition``.
    """
    if to not in FINDING[finding.status]:
        raise IllegalTransition(finding=str(finding.pk), status=finding.status, to=to)
    because(cause)
    found = Finding.objects.filter(pk=finding.pk, status=finding.status)
    if not found.update(status=to, **changes):
        return False
    book_unknown(Finding.objects.get(pk=finding.pk))
    return True
