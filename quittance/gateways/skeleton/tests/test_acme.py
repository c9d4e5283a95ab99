"""Acme's adapter keeps the contract: one part of it for each deed that it has."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from acme_stage import AcmeStage
from quittance.gateways.contract_parts import parts_of
from quittance_acme import ADAPTER
from quittance_acme.gateway import AcmeGateway


@pytest.fixture(scope="module")
def stage() -> Iterator[AcmeStage]:
    made = AcmeStage()
    yield made
    made.stop()


globals().update(parts_of(AcmeGateway))


def test_the_package_offers_the_adapter() -> None:
    told = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))
    points = told["project"]["entry-points"]["quittance.gateways"]

    assert {name: EntryPoint(name, value, "").load() for name, value in points.items()} == {
        "acme": ADAPTER
    }
