"""Asks Business Central to tell us of changes, and understands what it tells."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from quittance.core.errors import Refused
from quittance.erp.base import Hint, Subscription
from quittance.erp.business_central import limits
from quittance.erp.business_central.answers import Gone
from quittance.erp.business_central.odata import Api
from quittance.erp.business_central.translate import Etag, Moment

_ENTITY: Final = "subscriptions"
# Partial payments fire nothing but the ledger's entries (business-central.md, 0 and 4).
_RESOURCES: Final = {
    "customers": "customers",
    "salesInvoices": "invoices",
    "generalLedgerEntries": "ledger",
}
_SET: Final = re.compile(r"/?companies\([^)]*\)/(\w+)", re.IGNORECASE)
_INVOICE: Final = re.compile(r"/salesInvoices\(([0-9a-fA-F-]{36})\)$")
_HANDSHAKE_CHARACTERS: Final = 1000


class _Subscription(msgspec.Struct, rename="camel"):
    etag: Etag = msgspec.field(name="@odata.etag")
    subscription_id: str
    notification_url: str
    resource: str
    expiration_date_time: Moment


class _Notification(msgspec.Struct, rename="camel"):
    resource: str
    client_state: str = ""
    change_type: str = ""


class _Notifications(msgspec.Struct):
    value: list[_Notification]


def subscribe(api: Api, address: str, *, secret: str) -> Sequence[Subscription]:
    """Ask for hints at ``address``; renew what exists there, make what is missing.

    Subscriptions end after three days. Both making and renewing one calls ``address`` at once.
    """
    if len(secret) > limits.CLIENT_STATE:
        raise Refused(f"The hints' secret has more than {limits.CLIENT_STATE} characters.")
    existing = {
        _entity_set(row.resource): row
        for row in api.all(f"/{_ENTITY}", _Subscription, entity=_ENTITY, query={})
        if row.notification_url == address and _is_ours(api, row.resource)
    }
    made: list[Subscription] = []
    for entity_set in _RESOURCES:
        body = {
            "notificationUrl": address,
            "resource": f"{api.company.lstrip('/')}/{entity_set}",
            "clientState": secret,
        }
        row = _renewed(api, existing.get(entity_set), body)
        if row is None:
            row = api.post(f"/{_ENTITY}", body, _Subscription, entity=_ENTITY)
        made.append(
            Subscription(
                erp_id=row.subscription_id,
                resource=_RESOURCES[entity_set],
                expires_at=row.expiration_date_time,
            )
        )
    return made


def _renewed(
    api: Api, known: _Subscription | None, body: Mapping[str, object]
) -> _Subscription | None:
    """Renew it for three more days; ``None`` when there is none, or none any more."""
    if known is None:
        return None
    key = known.subscription_id.replace("'", "''")
    path = f"/{_ENTITY}('{key}')"
    try:
        api.patch(path, body, etag=known.etag, entity=_ENTITY)
        return api.one(path, _Subscription, entity=_ENTITY)
    except Gone:
        return None


def read_hint(query: Mapping[str, str], body: bytes, *, secret: str) -> Hint:
    """Translate a call of Business Central.

    It signs nothing: the only mark of authenticity is ``clientState``, the secret it was told when
    we subscribed. The handshake does not even have that; its token is only given back as text.
    Raises ``Refused`` on a forged or unreadable hint.
    """
    token = query.get("validationToken", "")
    if token:
        if len(token) > _HANDSHAKE_CHARACTERS:
            raise Refused("The handshake's token is too long.")
        return Hint(resources=frozenset(), answer=token)
    try:
        told = msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"), type=_Notifications).value
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise Refused("This is no notification of Business Central.") from None
    if not told:
        raise Refused("The notification names nothing.")
    for notification in told:
        if not hmac.compare_digest(notification.client_state.encode(), secret.encode()):
            raise Refused("The notification does not carry our secret.")
    sets = {_entity_set(notification.resource) for notification in told}
    return Hint(
        resources=frozenset(_RESOURCES[set_] for set_ in sets if set_ in _RESOURCES),
        deleted_invoices=frozenset(
            found[1].lower()
            for notification in told
            if notification.change_type == "deleted"
            and (found := _INVOICE.search(notification.resource))
        ),
    )


def _entity_set(resource: str) -> str:
    """Return ``salesInvoices`` of ``…/companies(…)/salesInvoices(…)`` or of a relative address."""
    found = _SET.search(resource)
    return found[1] if found else ""


def _is_ours(api: Api, resource: str) -> bool:
    return api.company.lstrip("/").lower() in resource.lower()
