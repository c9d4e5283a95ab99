"""An organization without any connection, for rooms that know nobody outside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from quittance.core.ids import new_id
from quittance.tenancy.models import Organization
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import working_for


@contextmanager
def new_organization(name: str = "Northwind Traders") -> Iterator[UUID]:
    """Make an organization and enter its scope."""
    organization_id = new_id()
    with working_for(organization_id, actor="test"):
        with writing():
            Organization.objects.create(pk=organization_id, name=name)
        yield organization_id
