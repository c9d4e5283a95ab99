"""Makes, renews and ends subscriptions (facts, section 4)."""

from __future__ import annotations

import re
import sqlite3
import uuid
from collections.abc import Collection
from typing import Any

import httpx

from sandbox.business_central import moments
from sandbox.business_central.database import Session
from sandbox.business_central.errors import bad_request, dialog
from sandbox.business_central.facts import EMPTY_GUID
from sandbox.business_central.webhooks.changes import NOTIFIED

LIFETIME_DAYS = 3
_MOST = 200  # for each environment
_HANDSHAKE_SECONDS = 5.0
_RESOURCE = re.compile(r"(?:^|/)companies\((?P<company>[^()]+)\)/(?P<set>\w+)$")


def handshake(values: dict[str, Any]) -> None:
    """Ask the notification address to give a token back. Runs outside of any transaction.

    Business Central wants an https address; here http is taken, so that tests need no certificate.
    """
    address = str(values.get("notificationUrl", ""))
    if not address.startswith(("http://", "https://")):
        raise bad_request("The notificationUrl must be an absolute address.")
    token = uuid.uuid4().hex
    try:
        url = httpx.URL(address).copy_merge_params({"validationToken": token})
        answer = httpx.post(url, timeout=_HANDSHAKE_SECONDS, follow_redirects=False)
        echoed = answer.status_code == 200 and answer.text.strip() == token
    except (httpx.HTTPError, httpx.InvalidURL):
        echoed = False
    if not echoed:
        raise bad_request(
            "Subscription validation failed: the notification URL did not answer 200 with the"
            " validation token as its body."
        )


def create(session: Session, values: dict[str, Any]) -> str:
    """Write a subscription that lives for three days and return its id."""
    _check_resource(session, values.get("resource", ""))
    if session.value("SELECT COUNT(*) FROM subscription") >= _MOST:
        raise dialog(f"You cannot have more than {_MOST} subscriptions.")
    subscription = session.new_id().replace("-", "")
    session.insert(
        "subscription",
        {
            "subscriptionId": subscription,
            "notificationUrl": values["notificationUrl"],
            "resource": values["resource"],
            "clientState": values.get("clientState", ""),
            "userId": EMPTY_GUID,
            "expirationDateTime": moments.later(session.now, days=LIFETIME_DAYS),
            "systemCreatedAt": session.now,
            "systemModifiedAt": session.now,
            **session.touched(),
        },
    )
    return subscription


def patch(session: Session, row: sqlite3.Row, values: dict[str, Any]) -> None:
    """Renew a subscription for three more days, perhaps with another address."""
    _check_resource(session, values.get("resource", row["resource"]))
    session.update(
        "subscription",
        {
            **values,
            "expirationDateTime": moments.later(session.now, days=LIFETIME_DAYS),
            "systemModifiedAt": session.now,
            **session.touched(),
        },
        key="subscriptionId",
        is_=row["subscriptionId"],
    )


def delete(session: Session, row: sqlite3.Row) -> None:
    """End a subscription."""
    session.db.execute(
        "DELETE FROM subscription WHERE subscriptionId = ?", (row["subscriptionId"],)
    )


def any_expired(session: Session) -> bool:
    """Whether a subscription is older than its three days."""
    return (
        session.row("SELECT 1 FROM subscription WHERE expirationDateTime <= ?", (session.now,))
        is not None
    )


def delete_expired(session: Session) -> None:
    """End what has expired, by the sandbox's clock."""
    session.db.execute("DELETE FROM subscription WHERE expirationDateTime <= ?", (session.now,))


def drop(session: Session, ids: Collection[str]) -> None:
    """End subscriptions whose address has refused, or failed too often."""
    for each in ids:
        session.db.execute("DELETE FROM subscription WHERE subscriptionId = ?", (each,))


def _check_resource(session: Session, resource: str) -> None:
    match = _RESOURCE.search(resource)
    if match is None or match["set"] not in NOTIFIED:
        raise bad_request(f"The resource '{resource}' does not support webhooks.")
    company = match["company"].strip("'")
    known = session.row("SELECT 1 FROM company WHERE id = ? OR name = ?", (company, company))
    if known is None:
        raise bad_request(f"The company of the resource '{resource}' does not exist.")
