"""Asks the ERP to call us when something changes, and looks whether it still means to."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from uuid import UUID

from quittance.connections.models import ErpConnection
from quittance.connections.open import erp_for, hint_secret
from quittance.core import clock
from quittance.core.errors import OutsideError
from quittance.erp.base import SendsHints, Subscription
from quittance.receivables.models import HintSubscription
from quittance.tenancy.rows import reading, writing

log = logging.getLogger(__name__)


def ask_for_hints(legal_entity_id: UUID, base_url: str) -> None:
    """Subscribe, or renew, at our address below ``base_url``; nothing for an ERP that cannot.

    The address is kept, so that the hourly run can renew before the ERP forgets us, and so is what
    it promises. One that it has forgotten is made anew, and when that was found. Raises
    ``OutsideError``.
    """
    erp = erp_for(legal_entity_id)
    if not isinstance(erp, SendsHints):
        return
    with writing():
        connection = ErpConnection.objects.get(legal_entity_id=legal_entity_id)
        ErpConnection.objects.filter(pk=connection.pk).update(hint_base_url=base_url)
    address = f"{base_url}/hooks/erp/{connection.hint_path}"
    promised = erp.subscribe(address, secret=hint_secret(legal_entity_id))
    with writing():
        _keep(legal_entity_id, promised)


def renew_hints() -> None:
    """Renew the hints of every connection of this organization that asked for them.

    One ERP that does not answer keeps no other waiting: it is tried again with the next run.
    """
    with reading():
        asked = list(
            ErpConnection.objects.filter(is_active=True)
            .exclude(hint_base_url="")
            .values_list("legal_entity_id", "hint_base_url")
        )
    for legal_entity_id, base_url in asked:
        try:
            ask_for_hints(legal_entity_id, base_url)
        except OutsideError as error:
            log.warning("hints were not renewed: %s %s", legal_entity_id, error)


def _keep(legal_entity_id: UUID, promised: Sequence[Subscription]) -> None:
    rows = HintSubscription.objects.filter(legal_entity_id=legal_entity_id)
    known = {row.resource: row for row in rows}
    for each in promised:
        row = known.get(each.resource)
        if row is None:
            row = HintSubscription(legal_entity_id=legal_entity_id, resource=each.resource)
        elif row.erp_id != each.erp_id:
            row.lost_at = clock.now()
            log.warning("the ERP had forgotten to tell of %s: %s", each.resource, legal_entity_id)
        row.erp_id, row.expires_at, row.checked_at = each.erp_id, each.expires_at, clock.now()
        row.save()
