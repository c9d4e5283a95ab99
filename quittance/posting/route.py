"""Where a posting is booked: decided once, when it is put in line, and kept with it.

Were the rules asked at each try, a changed rule could have one payment look for itself in another
journal and on another account than the ones it was sent to, find nothing there, and go twice.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from quittance.connections.mapping import PARTS, route_for
from quittance.erp.base import Route
from quittance.posting.models import ErpPosting


def decide(
    *, kind: str, legal_entity_id: UUID, gateway_account_id: UUID | None, method: str, currency: str
) -> dict[str, Any]:
    """Return the way of a new posting as it is kept, in a caller's transaction."""
    if kind != ErpPosting.Kind.PAYMENT:
        return {}
    return route_for(
        legal_entity_id, gateway_account_id=gateway_account_id, method=method, currency=currency
    )


def of_document(legal_entity_id: UUID, document_number: str) -> dict[str, Any]:
    """Return the way of another posting: money goes back, and comes again, as it came."""
    rows = ErpPosting.objects.filter(
        legal_entity_id=legal_entity_id, document_number=document_number
    )
    return rows.values_list("route", flat=True).first() or {}


def route_of(posting: ErpPosting) -> Route | None:
    """Return the way of a posting; ``None``: as the settings of the connection say."""
    if not posting.route.get("account"):
        return None
    return Route(**{part: posting.route[part] for part in PARTS if part in posting.route})
