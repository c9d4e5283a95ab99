"""An ERP's hint that something changed: checked, then a pull is woken. Never believed further."""

from __future__ import annotations

from collections.abc import Mapping

from quittance.connections.models import ErpConnection
from quittance.connections.open import erp_for, hint_secret
from quittance.core.errors import Refused
from quittance.erp.base import SendsHints
from quittance.receivables.jobs import look_again, wake
from quittance.tenancy.rows import reading, writing


class NoSuchHintAddress(LookupError):
    """No connection has this address."""


def keep_hint(path: str, query: Mapping[str, str], body: bytes) -> str:
    """Check a hint and wake the pull it asks for; return what the caller must be told.

    Raises ``NoSuchHintAddress``; ``Refused`` for a forged or unreadable hint.
    """
    with reading():
        connection = ErpConnection.objects.filter(hint_path=path, is_active=True).first()
    if connection is None:
        raise NoSuchHintAddress(path)
    erp = erp_for(connection.legal_entity_id)
    if not isinstance(erp, SendsHints):
        raise Refused("This ERP sends no hints.")
    hint = erp.read_hint(query, body, secret=hint_secret(connection.legal_entity_id))
    if hint.resources:
        with writing():
            wake(connection.legal_entity_id)
            look_again(connection.legal_entity_id, hint.deleted_invoices)
    return hint.answer
