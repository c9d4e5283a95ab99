"""Opens the way to a gateway or an ERP: the connection, its secrets, its adapter."""

from __future__ import annotations

import hashlib
import weakref
from collections.abc import Callable
from functools import partial
from threading import Lock
from typing import TypeVar
from uuid import UUID

import httpx
from django.core.exceptions import ObjectDoesNotExist

from quittance.connections.gate import must_be_open, watch
from quittance.connections.models import ErpConnection, GatewayAccount
from quittance.connections.reach import new_client, open_erp, open_gateway
from quittance.core.errors import Misconfigured
from quittance.erp.base import Erp
from quittance.gateways.base import Gateway
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import current_organization_id, widened
from quittance.tenancy.seal import open_sealed

GATEWAY_SECONDS = 20.0
ERP_SECONDS = 60.0
AdapterT = TypeVar("AdapterT")
# Adapters keep their connections open, so they are kept as long as their settings stay.
_opened: dict[tuple[UUID, bytes, float], tuple[object, httpx.Client]] = {}
_lock = Lock()


def gateway_for(gateway_account_id: UUID, *, though_shut: bool = False) -> Gateway:
    """Return the adapter of a gateway account, outside of any transaction.

    Raises ``Misconfigured`` when there is none, it is switched off, or its settings do not open;
    ``Unavailable`` while it is not to be asked because it does not accept our key, unless the
    caller asks it nothing, or on purpose: ``though_shut``.
    """
    return gateway_of(_gateway_row(gateway_account_id), though_shut=though_shut)


def gateway_of(row: GatewayAccount, *, though_shut: bool = False) -> Gateway:
    """Return the adapter of a gateway account that was read just now; otherwise ``gateway_for``."""
    if not though_shut:
        must_be_open(row)
    settings = settings_of(row)
    return _adapter(row, GATEWAY_SECONDS, partial(open_gateway, row.kind, settings))


def erp_for(legal_entity_id: UUID, *, seconds: float = ERP_SECONDS) -> Erp:
    """Return the adapter of a legal entity's ERP, which waits ``seconds`` for an answer.

    Raises ``Misconfigured`` as ``gateway_for`` does.
    """
    row = _erp_row(legal_entity_id)
    settings = settings_of(row)
    return _adapter(row, seconds, partial(open_erp, row.kind, settings))


def hint_secret(legal_entity_id: UUID) -> str:
    """Return the secret that the ERP's hints must carry."""
    row = _erp_row(legal_entity_id)
    return open_sealed(
        row.sealed_hint_secret, organization_id=current_organization_id(), place="erp_hints",
        row_id=row.pk,
    )["secret"]  # fmt: skip


def close_adapters() -> None:
    """Close what is kept open; whoever needs an adapter next opens it anew."""
    with _lock:
        for _, client in _opened.values():
            client.close()
        _opened.clear()


def place_of(row: GatewayAccount | ErpConnection) -> str:
    """Return the place that the settings of ``row`` are sealed for."""
    return "erp" if isinstance(row, ErpConnection) else "gateway"


def _gateway_row(gateway_account_id: UUID) -> GatewayAccount:
    # The buyer who pays may not read this row; the room that decrypts reads it for them.
    with widened(), reading():
        try:
            return GatewayAccount.objects.get(pk=gateway_account_id, is_active=True)
        except ObjectDoesNotExist:
            raise Misconfigured("This gateway account is not there or is switched off.") from None


def _erp_row(legal_entity_id: UUID) -> ErpConnection:
    with widened(), reading():
        try:
            return ErpConnection.objects.get(legal_entity_id=legal_entity_id, is_active=True)
        except ObjectDoesNotExist:
            raise Misconfigured("This legal entity has no active connection to an ERP.") from None


def settings_of(row: GatewayAccount | ErpConnection) -> dict[str, str]:
    """Open the settings of a row. For this room only."""
    return open_sealed(
        row.sealed_settings, organization_id=current_organization_id(), place=place_of(row),
        row_id=row.pk,
    )  # fmt: skip


def readable_settings(row: GatewayAccount | ErpConnection) -> dict[str, str]:
    """Open the settings of a row; none where they were sealed with a lost key: type them anew."""
    try:
        return settings_of(row)
    except Misconfigured:
        return {}


def _adapter(
    row: GatewayAccount | ErpConnection, seconds: float, make: Callable[..., AdapterT]
) -> AdapterT:
    key = (row.pk, hashlib.sha256(bytes(row.sealed_settings)).digest(), seconds)
    with _lock:
        if key not in _opened:
            # The old one is closed with its last user: there may be one in the middle of a call.
            for old in [kept for kept in _opened if kept[0] == row.pk and kept[1] != key[1]]:
                del _opened[old]
            client = new_client(timeout_seconds=seconds)
            if isinstance(row, GatewayAccount):
                watch(client, row.pk)
            made = make(client=client)
            weakref.finalize(made, client.close)
            _opened[key] = (made, client)
        adapter, _ = _opened[key]
    return adapter  # type: ignore[return-value]  # the key says which one it is
