"""A portal whose buyer company signs in at a provider of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from quittance.sso.oidc import forget
from tests.ground import Ground
from tests.portal.doors import Door, make_door, plain_files
from tests.sso.liar import Liar, lying


@pytest.fixture(scope="session", autouse=True)
def _plain_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with plain_files(tmp_path_factory.mktemp("static")):
        yield


@pytest.fixture(autouse=True)
def _nothing_was_said() -> None:
    forget()  # another test's provider may have had the port of this one's


@pytest.fixture
def door(ground: Ground) -> Iterator[Door]:
    """The portal of the test's organization."""
    with make_door(ground) as door:
        yield door


@pytest.fixture
def liar() -> Iterator[Liar]:
    """A provider that says what the test wants."""
    with lying() as liar:
        yield liar
