"""The sealing key is replaced while everything runs: nobody has to stop for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import override_settings

from quittance.connections.keep import reseal
from quittance.connections.open import close_adapters, erp_for, gateway_for, hint_secret
from quittance.core.errors import Misconfigured
from tests.ground import Ground

NEW = "another key, and long enough for anybody"
pytestmark = pytest.mark.failure("F59")


@pytest.fixture
def both_keys(ground: Ground) -> Iterator[Ground]:
    """The operator has set the new key and kept the one before."""
    with override_settings(SEAL_KEY=NEW, SEAL_KEY_BEFORE=settings.SEAL_KEY):
        close_adapters()
        yield ground


def test_a_payment_under_way_goes_on_while_the_key_is_replaced(ground: Ground) -> None:
    payment = ground.pay((ground.bill("120.00"), "120.00"))
    ground.on_page(payment)

    with override_settings(SEAL_KEY=NEW, SEAL_KEY_BEFORE=settings.SEAL_KEY):
        close_adapters()
        payment = ground.advance(payment)

    assert payment.status == "succeeded"
    assert len(ground.world.erp_ledger(payment.number)) == 1


def test_after_resealing_the_key_before_is_not_needed_any_more(both_keys: Ground) -> None:
    secret = hint_secret(both_keys.legal_entity_id)

    assert reseal() == 2

    with override_settings(SEAL_KEY=NEW, SEAL_KEY_BEFORE=""):
        close_adapters()
        assert gateway_for(both_keys.gateway_account_id).check()
        assert erp_for(both_keys.legal_entity_id).check()
        assert hint_secret(both_keys.legal_entity_id) == secret


def test_before_resealing_it_is(both_keys: Ground) -> None:
    close_adapters()

    with (
        override_settings(SEAL_KEY=NEW, SEAL_KEY_BEFORE=""),
        pytest.raises(Misconfigured, match="QUITTANCE_SEAL_KEY"),
    ):
        gateway_for(both_keys.gateway_account_id)


def test_with_neither_key_nothing_is_changed(ground: Ground) -> None:
    with (
        override_settings(SEAL_KEY=NEW, SEAL_KEY_BEFORE=NEW + NEW),
        pytest.raises(Misconfigured),
    ):
        reseal()

    close_adapters()
    assert gateway_for(ground.gateway_account_id).check()
