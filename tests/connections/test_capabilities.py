"""What a connection can do is found out and kept; a bad moment takes nothing away."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quittance.connections.capabilities import capabilities_of, due, look_at_erp
from quittance.connections.models import ErpConnection
from quittance.core import clock
from quittance.core.errors import Misconfigured
from quittance.tenancy.rows import reading, writing
from tests.ground import Ground


def kept() -> ErpConnection:
    with reading():
        return ErpConnection.objects.get()


def test_what_it_can_do_is_kept_with_the_day(ground: Ground) -> None:
    assert look_at_erp(ground.legal_entity_id) == "Northwind Traders"

    found = {each.name: each.can for each in capabilities_of(kept())}
    assert found["customers"]
    assert found["webhooks"]
    assert kept().tested_at is not None


def test_a_bad_moment_while_we_look_takes_nothing_away_and_is_no_failure(ground: Ground) -> None:
    look_at_erp(ground.legal_entity_id)
    before = kept().capabilities
    ground.world.erp_fault(r"GET .*salesShipments", "status", status=504)

    look_at_erp(ground.legal_entity_id)

    assert kept().capabilities == before != []
    assert kept().test_failure == ""


def test_a_connection_that_does_not_work_says_why_until_it_does(ground: Ground) -> None:
    ground.world.erp_fault(r"GET .*/companies(\?|$)", "status", status=401, times=4)

    with pytest.raises(Misconfigured):
        look_at_erp(ground.legal_entity_id)
    failed = kept().test_failure
    ground.world.client.delete(f"{ground.world.erp.control_url}/faults").raise_for_status()
    look_at_erp(ground.legal_entity_id)

    assert "Microsoft Entra Applications" in failed
    assert kept().test_failure == ""


def test_a_connection_is_looked_at_once_a_day(ground: Ground) -> None:
    first = due()
    look_at_erp(ground.legal_entity_id)
    just_looked = due()
    with writing():
        ErpConnection.objects.update(tested_at=clock.now() - timedelta(days=1, minutes=1))

    assert first == due() == [ground.legal_entity_id]
    assert just_looked == []
