"""Gathers changes into notifications and sends them, one POST for each address.

Source: BCApps, codeunit 6154 "API Webhook Notification Send", and facts, section 4.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import httpx

from sandbox.business_central import moments
from sandbox.business_central.database import Database, Session
from sandbox.business_central.webhooks import merging, subscriptions

_log = logging.getLogger(__name__)
_TICK = 0.1  # seconds between two looks
_SEND_SECONDS = 10.0
# By attempts that failed, so many times the first wait (GetDelayTimeForAttempt: 1 to 1,000 min).
_WAITS = (1, 1, 1, 10, 100, 1000)
MOST_ATTEMPTS = 5  # after one more failure the subscription is deleted


@dataclass(slots=True, kw_only=True)
class Pace:
    """How notifications are gathered and sent again; the control port changes it.

    ``delay`` and ``retry`` are seconds on the sandbox's clock. More than ``most`` notifications of
    one subscription become one ``collection``.
    """

    delay: float = 30
    retry: float = 60
    most: int = 1000

    def change(self, given: dict[str, Any]) -> dict[str, Any]:
        """Set what is named and return all. Raises ``ValueError``."""
        for name, value in given.items():
            if name not in {"delay", "retry", "most"} or float(value) < 0:
                raise ValueError("A pace has delay, retry and most, none below zero.")
            setattr(self, name, int(value) if name == "most" else float(value))
        return asdict(self)


def waiting(session: Session) -> list[dict[str, Any]]:
    """What is to be sent, the oldest first: where to, how often it failed, when it is tried."""
    rows = session.rows("SELECT * FROM delivery ORDER BY id")
    return [
        {"notificationUrl": row["notificationUrl"], "failed": row["attempt"], "due": row["nextAt"]}
        for row in rows
    ]


class Notifier:
    """A thread that sends what is due. ``base`` is the API's root as subscribers reach it."""

    def __init__(self, database: Database, pace: Pace, base: str) -> None:
        self._database = database
        self._pace = pace
        self._base = base
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="notifier", daemon=True)

    def start(self) -> None:
        """Begin to look for changes."""
        with self._database.writing() as session:  # what an older version had written
            session.db.execute("DELETE FROM delivery WHERE body NOT LIKE '[%'")
        self._thread.start()

    def stop(self) -> None:
        """End the thread; what was not sent stays on disk."""
        self._stopped.set()
        self._thread.join(timeout=_SEND_SECONDS)

    def _run(self) -> None:
        with httpx.Client(timeout=_SEND_SECONDS, follow_redirects=False) as client:
            while not self._stopped.wait(_TICK):
                try:
                    self._clean()
                    self._gather()
                    self._send_due(client)
                except Exception:  # noqa: BLE001 the thread must outlive one bad round
                    _log.exception("A round of notifications failed.")

    def _clean(self) -> None:
        """Delete the subscriptions that have expired."""
        with self._database.reading() as session:
            if not subscriptions.any_expired(session):
                return
        with self._database.writing() as session:
            subscriptions.delete_expired(session)

    def _gather(self) -> None:
        """Turn all changes into notifications when the first of them is old enough."""
        due = moments.later(moments.now(), seconds=-self._pace.delay)
        with self._database.reading() as session:
            if session.row("SELECT 1 FROM pending_change WHERE firstAt <= ?", (due,)) is None:
                return
        with self._database.writing() as session:
            for address, entries in _entries(session, self._base).items():
                session.insert(
                    "delivery",
                    {
                        "notificationUrl": address,
                        "body": json.dumps(entries),
                        "nextAt": session.now,
                    },
                )
            session.db.execute("DELETE FROM pending_change")

    def _send_due(self, client: httpx.Client) -> None:
        """Send each address that has something due all that waits for it, in one POST."""
        with self._database.reading() as session:
            waiting = session.rows(
                "SELECT * FROM delivery WHERE notificationUrl IN"
                " (SELECT notificationUrl FROM delivery WHERE nextAt <= ?) ORDER BY id",
                (session.now,),
            )
            alive = {row[0] for row in session.rows("SELECT subscriptionId FROM subscription")}
        by_address: dict[str, list[sqlite3.Row]] = defaultdict(list)
        for row in waiting:
            by_address[row["notificationUrl"]].append(row)
        for address, rows in by_address.items():
            entries = [
                each
                for row in rows
                for each in json.loads(row["body"])
                if each["subscriptionId"] in alive
            ]
            value = merging.merged(entries, most=self._pace.most)
            status = _post(client, address, json.dumps({"value": value})) if value else 204
            with self._database.writing() as session:
                _settle(session, self._pace, rows, entries, status)


def _post(client: httpx.Client, address: str, body: str) -> int:
    """Send one notification; 0 stands for no answer."""
    headers = {"Content-Type": "application/json", "client-request-id": str(uuid.uuid4())}
    try:
        return client.post(address, content=body.encode(), headers=headers).status_code
    except httpx.HTTPError:
        return 0


def _settle(
    session: Session,
    pace: Pace,
    rows: Sequence[sqlite3.Row],
    entries: Sequence[dict[str, str]],
    status: int,
) -> None:
    """Again on no answer, 408, 429 and 5xx; any other failure deletes the subscriptions."""
    if status in {0, 408, 429} or status >= 500:
        for row in rows:
            if row["nextAt"] <= session.now:  # what was not due only came along
                _try_later(session, pace, row)
        return
    for row in rows:
        session.db.execute("DELETE FROM delivery WHERE id = ?", (row["id"],))
    if not 200 <= status < 300:
        subscriptions.drop(session, {each["subscriptionId"] for each in entries})


def _try_later(session: Session, pace: Pace, row: sqlite3.Row) -> None:
    attempt = row["attempt"] + 1
    if attempt > MOST_ATTEMPTS:
        session.db.execute("DELETE FROM delivery WHERE id = ?", (row["id"],))
        subscriptions.drop(session, {each["subscriptionId"] for each in json.loads(row["body"])})
        return
    wait = pace.retry * _WAITS[attempt]
    session.update(
        "delivery",
        {"attempt": attempt, "nextAt": moments.later(session.now, seconds=wait)},
        key="id",
        is_=row["id"],
    )


def _entries(session: Session, base: str) -> dict[str, list[dict[str, str]]]:
    """What there is to send to each address: the changes of all its subscriptions."""
    company = session.value("SELECT id FROM company")
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for subscription in session.rows(
        "SELECT * FROM subscription WHERE expirationDateTime > ?", (session.now,)
    ):
        entity_set = subscription["resource"].rsplit("/", 1)[-1]
        changes = session.rows(
            "SELECT * FROM pending_change WHERE entitySet = ? AND lastAt >= ? ORDER BY lastAt",
            (entity_set, subscription["systemCreatedAt"]),
        )
        found[subscription["notificationUrl"]] += [
            {
                "subscriptionId": subscription["subscriptionId"],
                "clientState": subscription["clientState"],
                "expirationDateTime": moments.shown(subscription["expirationDateTime"]),
                "resource": f"{base}/companies({company})/{entity_set}({change['entityId']})",
                "changeType": change["changeType"],
                "lastModifiedDateTime": change["lastAt"],
                merging.FIRST: change["firstAt"],
            }
            for change in changes
        ]
    return {address: entries for address, entries in found.items() if entries}
