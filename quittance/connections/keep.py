"""Keeps the settings of a connection: sealed for its row."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from uuid import UUID

from quittance.connections.models import ErpConnection, GatewayAccount
from quittance.connections.open import place_of
from quittance.core.ids import new_id
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import current_organization_id
from quittance.tenancy.seal import open_sealed, seal


def keep_gateway_account(
    *,
    kind: str,
    name: str,
    settings: Mapping[str, str],
    webhook_path: str = "",
    is_active: bool = True,
) -> GatewayAccount:
    """Make or change the gateway account called ``name``, inside a transaction.

    A new one that is not ``is_active`` is asked nothing: money comes there without us.
    """
    row = GatewayAccount.objects.filter(name=name).first() or GatewayAccount(
        id=new_id(), name=name, webhook_path=webhook_path or new_path(), is_active=is_active
    )
    row.kind = kind
    row.sealed_settings = _sealed(row, settings)
    row.refusals, row.shut_until = 0, None  # it may be asked anew
    row.save()
    return row


def keep_erp_connection(
    *, legal_entity_id: UUID, kind: str, settings: Mapping[str, str]
) -> ErpConnection:
    """Make or change the connection of a legal entity, inside a transaction."""
    found = ErpConnection.objects.filter(legal_entity_id=legal_entity_id).first()
    row = found or ErpConnection(id=new_id(), legal_entity_id=legal_entity_id, hint_path=new_path())
    row.kind = kind
    row.sealed_settings = _sealed(row, settings)
    if not found:
        row.sealed_hint_secret = seal(
            {"secret": new_path()}, organization_id=current_organization_id(),
            place="erp_hints", row_id=row.pk,
        )  # fmt: skip
    row.save()
    return row


def reseal() -> int:
    """Seal every secret of the organization with the key of now; return how many rows.

    Run it while ``QUITTANCE_SEAL_KEY_BEFORE`` is set. Raises ``Misconfigured`` for a row that opens
    with neither key: then nothing is changed.
    """
    with writing():
        gateways = list(GatewayAccount.objects.select_for_update().order_by("pk"))
        erps = list(ErpConnection.objects.select_for_update().order_by("pk"))
        for gateway in gateways:
            gateway.sealed_settings = _again(gateway.sealed_settings, place_of(gateway), gateway.pk)
            gateway.save(update_fields=["sealed_settings"])
        for erp in erps:
            erp.sealed_settings = _again(erp.sealed_settings, place_of(erp), erp.pk)
            erp.sealed_hint_secret = _again(erp.sealed_hint_secret, "erp_hints", erp.pk)
            erp.save(update_fields=["sealed_settings", "sealed_hint_secret"])
    return len(gateways) + len(erps)


def new_path() -> str:
    """Return a secret part of an address: 192 random bits."""
    return secrets.token_urlsafe(24)


def _again(sealed: bytes | memoryview, place: str, row_id: UUID) -> bytes:
    organization_id = current_organization_id()
    opened = open_sealed(sealed, organization_id=organization_id, place=place, row_id=row_id)
    return seal(opened, organization_id=organization_id, place=place, row_id=row_id)


def _sealed(row: GatewayAccount | ErpConnection, settings: Mapping[str, str]) -> bytes:
    return seal(
        settings, organization_id=current_organization_id(), place=place_of(row), row_id=row.pk
    )
