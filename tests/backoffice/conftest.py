"""A back office for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.gateway.launch import start_gateway
from tests.ground import Ground, World, make_ground
from tests.portal.doors import Door, make_door, plain_files


@pytest.fixture(scope="session", autouse=True)
def _plain_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with plain_files(tmp_path_factory.mktemp("static")):
        yield


@pytest.fixture
def door(ground: Ground) -> Iterator[Door]:
    """The portal of the test's organization."""
    with make_door(ground) as door:
        yield door


@pytest.fixture
def quiet_door(world: World, tmp_path: Path) -> Iterator[Door]:
    """A portal whose gateway nobody else uses, so that its books are this organization's alone."""
    with (
        start_gateway(tmp_path / "gateway", webhook_delay=0.05, settle_delay=0.2) as gateway,
        make_ground(World(erp=world.erp, gateway=gateway)) as ground,
        make_door(ground) as door,
    ):
        yield door
        from quittance.connections.open import close_adapters

        close_adapters()
        ground.world.client.close()
