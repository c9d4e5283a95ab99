"""One sandbox for all tests of this room, with a clean slate of faults for each."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.business_central.launch import Running, start_business_central
from tests.sandbox.business_central.bc_company import Books


@pytest.fixture(scope="session")
def bc_seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the demo company, made once and only copied."""
    data = tmp_path_factory.mktemp("bc-seeded")
    start_business_central(data).stop()
    return data


@pytest.fixture(scope="session")
def bc_running(bc_seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data = tmp_path_factory.mktemp("bc") / "data"
    shutil.copytree(bc_seeded, data)
    with start_business_central(data, webhook_delay=0.2, webhook_retry=0.1) as running:
        yield running


@pytest.fixture(scope="session")
def bc_client(bc_running: Running) -> Iterator[Books]:
    client = Books(bc_running)
    yield client
    client.close()


@pytest.fixture
def books(bc_client: Books) -> Iterator[Books]:
    yield bc_client
    bc_client.control.delete("/faults")


@pytest.fixture
def switches(books: Books) -> Iterator[Books]:
    """The same, for tests that set the company up: every switch is set back after them."""
    before = books.switch()
    yield books
    books.switch(**before)


@pytest.fixture
def bc_start(bc_seeded: Path, tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Start a sandbox of the test's own on a copy of the demo company."""
    started: list[Running] = []

    def start(**options: Any) -> Running:
        data = tmp_path / f"bc-{len(started)}"
        shutil.copytree(bc_seeded, data)
        started.append(start_business_central(data, **options))
        return started[-1]

    yield start
    for running in started:
        running.stop()
