"""An organization whose gateway is its own: nobody else's charges are in its books."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.test import override_settings

from tests.audit.house import new_organization
from tests.ground import Ground, World, make_ground


@pytest.fixture
def organization(database: None) -> Iterator[UUID]:
    """An organization without any connection."""
    with new_organization() as organization_id:
        yield organization_id


@pytest.fixture
def ground(quiet_world: World) -> Iterator[Ground]:
    """As everywhere, with a gateway whose books are this test's alone."""
    from quittance.connections.open import close_adapters

    with make_ground(quiet_world) as ground:
        yield ground
    close_adapters()


@pytest.fixture
def outbox() -> Iterator[list[EmailMessage]]:
    """What was mailed."""
    mail.outbox = []
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        yield mail.outbox
