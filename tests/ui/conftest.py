"""Static files by their plain names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.portal.doors import plain_files


@pytest.fixture(scope="session", autouse=True)
def _plain_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with plain_files(tmp_path_factory.mktemp("static")):
        yield
