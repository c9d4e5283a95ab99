"""``quittance retention``: say in words what of people has had its time, and let go of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from uuid import UUID

from quittance.jobs.organization import each_organization
from quittance.privacy.rules import RULES
from quittance.privacy.sweep import A_NIGHT, due, let_go
from quittance.tenancy.models import Organization
from quittance.tenancy.rows import reading


def retention(*, apply: bool, organizations: Collection[UUID] = ()) -> Iterator[str]:
    """Yield a line for each rule that has something; with ``apply`` it is gone by then."""
    for scope in each_organization(actor="retention"):
        if organizations and scope.organization_id not in organizations:
            continue
        with reading():
            name = Organization.objects.get().name
        yield f"\n{name} ({scope.organization_id})"
        nothing = True
        for rule in RULES:
            count = let_go(rule) if apply else len(due(rule))
            if count:
                nothing = False
                many = f"{count} or more" if count >= A_NIGHT else str(count)
                would = rule.happens if apply else f"would be {rule.happens}"
                yield f"  {many} {would} after {rule.period}: {rule.what}"
        if nothing:
            yield "  nothing is due"
