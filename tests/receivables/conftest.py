"""A Business Central that answers in small pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from quittance.connections.open import close_adapters
from sandbox.business_central.launch import start_business_central
from tests.ground import Ground, World, make_ground


@pytest.fixture(scope="session")
def small_world(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("small_pages")
    with start_business_central(folder, webhook_delay=0.2, page_size=50) as erp:
        small = World(erp=erp, gateway=world.gateway)
        yield small
        small.client.close()


@pytest.fixture
def small_pages(small_world: World) -> Iterator[Ground]:
    """An organization whose ERP sends 50 records a page."""
    with make_ground(small_world) as ground:
        yield ground
    close_adapters()
    small_world.client.delete(f"{small_world.erp.control_url}/faults").raise_for_status()
