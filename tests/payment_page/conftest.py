"""A portal that can be fetched, with a gateway whose fields stand on its page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest

from tests.ground import Ground, _gateway_settings
from tests.payment_page.between import Between, served
from tests.portal.doors import Door, make_door, plain_files


@dataclass
class Till:
    """Where people pay."""

    door: Door
    between: Between
    account_id: UUID


@pytest.fixture(scope="session", autouse=True)
def _plain_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with plain_files(tmp_path_factory.mktemp("static")):
        yield


@pytest.fixture
def till(ground: Ground) -> Iterator[Till]:
    """A portal at a real port."""
    from quittance.connections.keep import keep_gateway_account
    from quittance.connections.offer_rules import set_embedding
    from quittance.tenancy.rows import writing

    with served() as (host, between), make_door(ground, host=host) as door:
        fields = {"fields_address": ground.world.gateway.fields_url}
        settings = _gateway_settings(ground.world) | fields
        with writing():
            account = keep_gateway_account(kind="sandbox", name="Second", settings=settings)
        set_embedding(account.pk, embeds=True)
        yield Till(door, between, account.pk)
