"""For whom a job works."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from uuid import UUID

from quittance.tenancy.hosts import organization_ids
from quittance.tenancy.scope import Scope, working_for


def for_organization(organization_id: str, *, actor: str) -> AbstractContextManager[Scope]:
    """Work for the organization that the job's argument names."""
    return working_for(UUID(organization_id), actor=actor)


def each_organization(*, actor: str) -> Iterator[Scope]:
    """Go from one organization to the next, working for each in turn."""
    for organization_id in organization_ids():
        with working_for(organization_id, actor=actor) as scope:
            yield scope
