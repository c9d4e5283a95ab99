"""An adapter with a server that answers what the test says, and one with the sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from quittance.erp.base import Erp
from quittance.erp.registry import open_erp
from quittance.httpclient.client import new_client
from sandbox.business_central.launch import start_business_central
from tests.erp.scripted import Answer, Scripted, scripted
from tests.erp.stage import SandboxStage
from tests.erp.tenant import TenantStage
from tests.erp.wire import write_down


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


@pytest.fixture(scope="session")
def business_central(
    tmp_path_factory: pytest.TempPathFactory, client: httpx.Client
) -> Iterator[SandboxStage]:
    data = tmp_path_factory.mktemp("business_central")
    with start_business_central(data, webhook_delay=0.2) as running:
        yield SandboxStage(running, client)


@pytest.fixture(scope="session")
def tenant() -> Iterator[TenantStage]:
    with new_client(timeout_seconds=60) as client:
        write_down(client)
        yield TenantStage(client)
