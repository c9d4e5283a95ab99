"""An organization for each test."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest

from tests.audit.house import new_organization


@pytest.fixture
def organization(database: None) -> Iterator[UUID]:
    with new_organization() as organization_id:
        yield organization_id
