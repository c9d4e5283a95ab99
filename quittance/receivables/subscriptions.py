"""Asks the ERP to call us when something changes."""

from __future__ import annotations

from uuid import UUID

from quittance.connections.models import ErpConnection
from quittance.connections.open import erp_for, hint_secret
from quittance.erp.base import SendsHints
from quittance.tenancy.rows import reading, writing


def ask_for_hints(legal_entity_id: UUID, base_url: str) -> None:
    """Subscribe, or renew, at our address below ``base_url``; nothing for an ERP that cannot.

    The address is kept, so that the hourly run can renew before the ERP forgets us. Raises
    ``OutsideError``.
    """
    erp = erp_for(legal_entity_id)
    if not isinstance(erp, SendsHints):
        return
    with writing():
        connection = ErpConnection.objects.get(legal_entity_id=legal_entity_id)
        ErpConnection.objects.filter(pk=connection.pk).update(hint_base_url=base_url)
    address = f"{base_url}/hooks/erp/{connection.hint_path}"
    erp.subscribe(address, secret=hint_secret(legal_entity_id))


def renew_hints() -> None:
    """Renew the hints of every connection of this organization that asked for them."""
    with reading():
        asked = list(
            ErpConnection.objects.filter(is_active=True)
            .exclude(hint_base_url="")
            .values_list("legal_entity_id", "hint_base_url")
        )
    for legal_entity_id, base_url in asked:
        ask_for_hints(legal_entity_id, base_url)
