"""A connection whose administrator has published the customer ledger, or has not."""

from __future__ import annotations

from quittance.connections.keep import keep_erp_connection
from quittance.tenancy.rows import writing
from tests.ground import Ground, _erp_settings


def publish_ledger(ground: Ground, service: str = "Cust_LedgerEntries") -> None:
    """Name the web service over page 25; "" for none."""
    settings = {**_erp_settings(ground.world), "ledger_service": service}
    with writing():
        keep_erp_connection(
            legal_entity_id=ground.legal_entity_id, kind="business_central", settings=settings
        )
