"""A portal with a host name, as machines call it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.ground import Ground
from tests.portal.doors import Door, make_door, plain_files


@pytest.fixture(scope="session", autouse=True)
def _plain_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with plain_files(tmp_path_factory.mktemp("static")):
        yield


@pytest.fixture
def door(ground: Ground) -> Iterator[Door]:
    with make_door(ground) as door:
        yield door
