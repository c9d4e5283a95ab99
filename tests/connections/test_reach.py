"""Where managers may send us, and what stays behind when an address changes."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from django.test import override_settings

from quittance.connections.change import draft_erp, draft_gateway, keep_draft
from quittance.connections.models import GatewayAccount
from quittance.connections.open import close_adapters, erp_for, gateway_for, settings_of
from quittance.connections.trial import kept_settings
from quittance.core.errors import Misconfigured
from quittance.receivables.gone import read_anew
from quittance.tenancy.rows import reading
from tests.ground import Ground

INSIDE = [
    "http://2852039166", "http://0xA9FEA9FE", "http://[fd00:ec2::254]", "http://postgres:5432",
    "https://10.0.0.5", "http://127.0.0.1:9", "https://metadata.google.internal",
    "http://erp.example.com",
]  # fmt: skip
NO_ADDRESS = ["\x01https://evil.example", "https://evil.example\x7f/", "https://999.1.1.1"]


def erp_settings(ground: Ground) -> dict[str, str]:
    return kept_settings(ground.legal_entity_id, "business_central")


def gateway_settings() -> dict[str, str]:
    with reading():
        return settings_of(GatewayAccount.objects.get())


@pytest.fixture
def narrow() -> Iterator[None]:
    """As an operator has it who allows nothing."""
    with override_settings(PRIVATE_ADDRESSES=False):
        close_adapters()
        yield


@pytest.mark.parametrize("address", INSIDE)
def test_nobody_sends_us_into_our_own_network(ground: Ground, narrow: None, address: str) -> None:
    public = {"address": "https://a.example", "sign_in_address": "https://b.example"}
    typed = erp_settings(ground) | public
    gateway = gateway_settings()

    for field in public:
        with pytest.raises(Misconfigured) as caught:
            draft_erp(ground.legal_entity_id, typed | {field: address}, is_used=False)
        assert caught.value.facts["field"] == field
    with pytest.raises(Misconfigured, match="public host name"):
        draft_gateway(ground.gateway_account_id, gateway | {"address": address}, is_used=False)

    assert gateway_settings() == gateway


def test_a_connection_that_was_kept_before_is_held_to_it_too(ground: Ground, narrow: None) -> None:
    with pytest.raises(Misconfigured, match="public host name"):
        erp_for(ground.legal_entity_id)
    with pytest.raises(Misconfigured, match="public host name"):
        gateway_for(ground.gateway_account_id)


def test_a_public_name_that_leads_inside_is_not_asked(
    ground: Ground, narrow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: inside)
    public = {"address": "https://erp.example.com", "sign_in_address": "https://erp.example.com"}

    with pytest.raises(Misconfigured, match="leads to an address that is not public"):
        draft_gateway(
            ground.gateway_account_id,
            gateway_settings() | {"address": "https://pay.example.com"},
            is_used=False,
        )
    draft = draft_erp(ground.legal_entity_id, erp_settings(ground) | public, is_used=False)

    assert [(each.step, each.outcome) for each in draft.tried] == [("token", "bad")]
    assert "leads to an address that is not public" in draft.tried[0].sentence
    assert not draft.works


@pytest.mark.parametrize("address", NO_ADDRESS)
def test_what_the_client_cannot_ask_is_named_and_breaks_nothing(
    ground: Ground, address: str
) -> None:
    typed = erp_settings(ground) | {"sign_in_address": address}

    with pytest.raises(Misconfigured) as caught:
        draft_erp(ground.legal_entity_id, typed, is_used=False)
    with pytest.raises(Misconfigured):
        draft_gateway(
            ground.gateway_account_id, gateway_settings() | {"address": address}, is_used=False
        )

    assert caught.value.facts["field"] == "sign_in_address"


@pytest.mark.parametrize("address", [*NO_ADDRESS, "HTTPS://evil.example", "evil.example"])
def test_a_kept_secret_goes_to_no_other_origin(ground: Ground, address: str) -> None:
    typed = erp_settings(ground) | {"sign_in_address": address, "client_secret": ""}
    gateway = gateway_settings() | {"address": address, "api_key": "", "webhook_secret": ""}

    with pytest.raises(Misconfigured, match="Type Client secret again"):
        draft_erp(ground.legal_entity_id, typed, is_used=False)
    with pytest.raises(Misconfigured, match="Type API key again"):
        draft_gateway(ground.gateway_account_id, gateway, is_used=False)


def test_the_same_server_written_otherwise_keeps_the_secret(ground: Ground) -> None:
    shouted = ground.world.gateway.url.replace("http", "HTTP") + "/"

    typed = {"address": shouted, "api_key": "", "webhook_secret": ""}
    draft = draft_gateway(ground.gateway_account_id, typed, is_used=False)
    keep_draft(draft, read_anew=read_anew)

    assert draft.account
    assert gateway_settings()["api_key"] == "sk_sandbox_demo"
