"""Finds out, and keeps, what a connection can do: for pages that would promise too much."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from quittance.connections.models import ErpConnection, GatewayAccount
from quittance.connections.open import erp_for, gateway_for
from quittance.core import clock
from quittance.core.errors import OutsideError
from quittance.erp.connecting import Capability, Connects
from quittance.tenancy.rows import reading, writing

log = logging.getLogger(__name__)
_WORDS: Final = 1000
_A_DAY: Final = timedelta(days=1)


def look_at_erp(legal_entity_id: UUID) -> str:
    """Ask the kept connection whether it works; return the company's name. Keeps the outcome.

    Raises ``OutsideError`` when it does not. What it can do is found out as well; where that cannot
    be done now, what was found before stays.
    """
    rows = ErpConnection.objects.filter(legal_entity_id=legal_entity_id)
    try:
        name = erp_for(legal_entity_id).check()
    except OutsideError as error:
        with writing():
            rows.update(tested_at=clock.now(), test_failure=str(error)[:_WORDS])
        raise
    found = _found(legal_entity_id)
    with writing():
        rows.update(tested_at=clock.now(), test_failure="")
        if found:
            rows.update(capabilities=found, capabilities_at=clock.now())
    return name


def look_at_gateway(gateway_account_id: UUID) -> str:
    """Ask a gateway account whether it works; keeps the outcome. Raises ``OutsideError``."""
    rows = GatewayAccount.objects.filter(pk=gateway_account_id)
    try:
        account = gateway_for(gateway_account_id, though_shut=True).check()
    except OutsideError as error:
        with writing():
            rows.update(tested_at=clock.now(), test_failure=str(error)[:_WORDS])
        raise
    with writing():
        rows.update(tested_at=clock.now(), test_failure="")
        rows.filter(own_id="").update(own_id=account.id)
    return account.name


def capabilities_of(connection: ErpConnection) -> Sequence[Capability]:
    """Return what was found last; nothing when nobody has looked yet."""
    return [Capability(**each) for each in connection.capabilities]


def surely_cannot(found: Sequence[Mapping[str, Any]] | None, name: str) -> bool:
    """Say whether it was found out that a connection cannot do ``name``; ``found`` as it is kept.

    What nobody has looked at yet may well be possible.
    """
    return any(each["name"] == name and not each["can"] for each in found or ())


def due() -> list[UUID]:
    """Return the legal entities whose connection nobody has tested for a day."""
    with reading():
        rows = ErpConnection.objects.filter(is_active=True)
        return [
            row.legal_entity_id
            for row in rows
            if row.tested_at is None or row.tested_at < clock.now() - _A_DAY
        ]


def _found(legal_entity_id: UUID) -> list[dict[str, object]]:
    erp = erp_for(legal_entity_id)
    if not isinstance(erp, Connects):
        return []
    try:
        return [asdict(each) for each in erp.capabilities()]
    except OutsideError as error:
        log.warning("what %s can do was not found out: %s", legal_entity_id, error)
        return []
