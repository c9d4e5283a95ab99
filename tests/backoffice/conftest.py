"""A back office for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

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
def quiet_door(quiet_world: World) -> Iterator[Door]:
    """A portal whose gateway nobody else uses, so that its books are this organization's alone."""
    from quittance.connections.open import close_adapters

    with make_ground(quiet_world) as ground, make_door(ground) as door:
        yield door
    close_adapters()
