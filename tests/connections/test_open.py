"""The way to a gateway or an ERP: opened once, opened anew when its settings change."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import IntegrityError

from quittance.connections.keep import keep_erp_connection, keep_gateway_account
from quittance.connections.models import ErpConnection, GatewayAccount
from quittance.connections.open import erp_for, gateway_for, hint_secret
from quittance.core.errors import Misconfigured, Unavailable
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import narrowed_to
from tests.audit.house import new_organization
from tests.ground import Ground

CLOSED_DOOR = {"address": "http://127.0.0.1:9", "api_key": "sk_x", "webhook_secret": "whsec_eHh4"}


def test_an_adapter_is_opened_once_and_kept(ground: Ground) -> None:
    assert gateway_for(ground.gateway_account_id) is gateway_for(ground.gateway_account_id)
    assert erp_for(ground.legal_entity_id) is erp_for(ground.legal_entity_id)


def test_who_waits_less_long_has_an_adapter_of_their_own(ground: Ground) -> None:
    assert erp_for(ground.legal_entity_id, seconds=5) is not erp_for(ground.legal_entity_id)


def test_new_settings_are_used_at_once(ground: Ground) -> None:
    before = gateway_for(ground.gateway_account_id)
    assert before.check()

    with writing():
        keep_gateway_account(kind="sandbox", name="Gateway", settings=CLOSED_DOOR)

    after = gateway_for(ground.gateway_account_id)
    assert after is not before
    with pytest.raises(Unavailable):
        after.check()


def test_keeping_settings_again_keeps_the_row_and_its_addresses(ground: Ground) -> None:
    with reading():
        erp = ErpConnection.objects.get()
    secret = hint_secret(ground.legal_entity_id)
    with writing():
        account = keep_gateway_account(kind="sandbox", name="Gateway", settings=CLOSED_DOOR)
        again = keep_erp_connection(
            legal_entity_id=ground.legal_entity_id, kind="business_central", settings={}
        )

    assert (account.pk, account.webhook_path) == (ground.gateway_account_id, ground.webhook_path)
    assert (again.pk, again.hint_path) == (erp.pk, erp.hint_path)
    assert hint_secret(ground.legal_entity_id) == secret


@pytest.mark.parametrize("what", ["gateway", "erp"])
def test_what_is_switched_off_is_not_opened(ground: Ground, what: str) -> None:
    with writing():
        GatewayAccount.objects.update(is_active=False)
        ErpConnection.objects.update(is_active=False)

    with pytest.raises(Misconfigured):
        gateway_for(ground.gateway_account_id) if what == "gateway" else erp_for(
            ground.legal_entity_id
        )


def test_what_is_not_there_is_misconfigured(ground: Ground) -> None:
    with pytest.raises(Misconfigured):
        gateway_for(uuid4())
    with pytest.raises(Misconfigured):
        erp_for(uuid4())


def test_another_organizations_gateway_is_not_there(ground: Ground) -> None:
    with new_organization("Fabrikam"), pytest.raises(Misconfigured):
        gateway_for(ground.gateway_account_id)


def test_sealed_settings_copied_from_another_row_do_not_open(ground: Ground) -> None:
    with writing():
        other = keep_gateway_account(kind="sandbox", name="Second", settings=CLOSED_DOOR)
        own = GatewayAccount.objects.get(pk=ground.gateway_account_id)
        GatewayAccount.objects.filter(pk=other.pk).update(sealed_settings=own.sealed_settings)

    with pytest.raises(Misconfigured, match="do not open"):
        gateway_for(other.pk)


def test_settings_that_cannot_be_right_are_named(ground: Ground) -> None:
    with writing():
        keep_gateway_account(
            kind="sandbox", name="Gateway", settings=CLOSED_DOOR | {"address": "ftp://x"}
        )

    with pytest.raises(Misconfigured) as refused:
        gateway_for(ground.gateway_account_id)

    assert refused.value.facts["field"] == "address"


def test_a_buyers_act_uses_what_the_buyer_may_not_read(ground: Ground) -> None:
    with narrowed_to([ground.account().pk]):
        with reading():
            assert GatewayAccount.objects.count() == 0
        assert gateway_for(ground.gateway_account_id).check()


def test_a_webhook_address_belongs_to_one_account_in_the_whole_house(ground: Ground) -> None:
    with new_organization("Fabrikam"), pytest.raises(IntegrityError), writing():
        keep_gateway_account(
            kind="sandbox", name="G", settings=CLOSED_DOOR, webhook_path=ground.webhook_path
        )


@pytest.mark.parametrize("way", ["gateway", "erp"])
def test_nobody_outside_is_asked_inside_a_transaction(ground: Ground, way: str) -> None:
    with pytest.raises(RuntimeError, match="durable"), writing():
        gateway_for(ground.gateway_account_id) if way == "gateway" else erp_for(
            ground.legal_entity_id
        )


def test_credentials_do_not_show_in_a_repr(ground: Ground) -> None:
    gateway, erp = gateway_for(ground.gateway_account_id), erp_for(ground.legal_entity_id)

    shown = repr(vars(gateway)) + repr(vars(erp))

    for secret in ("sk_sandbox_demo", "whsec_dGVz", "sandbox-secret"):
        assert secret not in shown
