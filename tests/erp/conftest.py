"""An adapter and a server that answers what the test says."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from quittance.erp.base import Erp
from quittance.erp.registry import open_erp
from quittance.httpclient.client import new_client
from tests.erp.scripted import Answer, Scripted, scripted


@pytest.fixture(scope="session")
def client() -> Iterator[httpx.Client]:
    with new_client() as client:
        yield client


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted(lambda _: Answer(status=500)) as server:
        yield server


@pytest.fixture
def erp(server: Scripted, client: httpx.Client) -> Erp:
    return open_erp("business_central", server.settings, client)
