"""An organization whose gateway is its own: nobody else's charges are in its books."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
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
def ground(world: World, tmp_path: Path) -> Iterator[Ground]:
    """As everywhere, with a gateway sandbox for this test alone."""
    from quittance.connections.open import close_adapters
    from sandbox.gateway.launch import start_gateway

    with start_gateway(
        tmp_path / "gateway", webhook_delay=0.05, settle_delay=0.2, return_delay=0.2
    ) as gateway:
        own = World(erp=world.erp, gateway=gateway)
        with make_ground(own) as ground:
            yield ground
        close_adapters()
        own.client.delete(f"{world.erp.control_url}/faults").raise_for_status()
        own.client.close()


@pytest.fixture
def outbox() -> Iterator[list[EmailMessage]]:
    """What was mailed."""
    mail.outbox = []
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        yield mail.outbox
