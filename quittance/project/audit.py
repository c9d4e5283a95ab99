"""``quittance check audit``: say in words whether the chains of events are whole."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from uuid import UUID

from quittance.evidence.anchors import Head
from quittance.evidence.verify import verify
from quittance.tenancy.hosts import organization_ids
from quittance.tenancy.models import Organization
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import working_for


def check_audit(
    *, organizations: Collection[UUID] = (), given: Collection[Head] = ()
) -> Iterator[tuple[int, str]]:
    """Yield lines for people, each with how many things it says are not as they must be."""
    known = organization_ids()
    for organization_id in known:
        if organizations and organization_id not in organizations:
            continue
        with working_for(organization_id, actor="operator"):
            with reading():
                name = Organization.objects.get().name
            found = verify(given)
        yield 0, f"\n{name} ({organization_id})"
        yield 0, f"  {found.events} events, {found.anchors} anchors"
        if found.wrong:
            yield found.wrong, f"  {found.wrong} are not as they must be. The first: {found.first}"
    for head in given:
        if head.organization_id not in known:
            yield 1, f"\nThere is no organization {head.organization_id}, of which an anchor is."
