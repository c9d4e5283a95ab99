"""Gathers changes into notifications and sends them, one POST for each address."""

from __future__ import annotations

import json
import logging
import threading
import uuid
from collections import defaultdict
from dataclasses import dataclass

import httpx

from sandbox.business_central import moments
from sandbox.business_central.database import Database, Session

_log = logging.getLogger(__name__)
_TICK = 0.1  # seconds between two looks
_MOST = 1000  # notifications of one subscription; more become one "collection"
_SEND_SECONDS = 10.0
# By attempt: how much longer than the first wait (AL GetDelayTimeForAttempt: 1, 10, 100, 1000 min).
_WAITS = (1, 1, 1, 10, 100, 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long changes are gathered, and how long to wait before sending again, in seconds."""

    delay: float = 30
    retry: float = 60


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
        self._thread.start()

    def stop(self) -> None:
        """End the thread; what was not sent stays on disk."""
        self._stopped.set()
        self._thread.join(timeout=_SEND_SECONDS)

    def _run(self) -> None:
        with httpx.Client(timeout=_SEND_SECONDS, follow_redirects=False) as client:
            while not self._stopped.wait(_TICK):
                try:
                    self._gather()
                    self._send_due(client)
                except Exception:  # noqa: BLE001 the thread must outlive one bad round
                    _log.exception("A round of notifications failed.")

    def _gather(self) -> None:
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
                        "body": json.dumps({"value": entries}),
                        "nextAt": session.now,
                    },
                )
            session.db.execute("DELETE FROM pending_change")

    def _send_due(self, client: httpx.Client) -> None:
        with self._database.reading() as session:
            due = session.rows("SELECT * FROM delivery WHERE nextAt <= ?", (session.now,))
        for row in due:
            status = _post(client, row["notificationUrl"], row["body"])
            with self._database.writing() as session:
                _settle(session, self._pace, row["id"], status)


def _post(client: httpx.Client, address: str, body: str) -> int:
    """Send one notification; 0 stands for no answer."""
    headers = {"Content-Type": "application/json", "client-request-id": str(uuid.uuid4())}
    try:
        return client.post(address, content=body.encode(), headers=headers).status_code
    except httpx.HTTPError:
        return 0


def _settle(session: Session, pace: Pace, delivery: int, status: int) -> None:
    """Again on no answer, 408, 429 and 5xx; any other failure deletes the subscription."""
    row = session.row("SELECT * FROM delivery WHERE id = ?", (delivery,))
    if row is None:
        return
    again = status in {0, 408, 429} or status >= 500
    if again and row["attempt"] + 1 < len(_WAITS):
        wait = pace.retry * _WAITS[row["attempt"]]
        session.update(
            "delivery",
            {
                "attempt": row["attempt"] + 1,
                "nextAt": moments.later(session.now, seconds=wait),
            },
            key="id",
            is_=delivery,
        )
        return
    session.db.execute("DELETE FROM delivery WHERE id = ?", (delivery,))
    if not 200 <= status < 300:
        session.db.execute(
            "DELETE FROM subscription WHERE notificationUrl = ?", (row["notificationUrl"],)
        )


def _entries(session: Session, base: str) -> dict[str, list[dict[str, str]]]:
    """What to send to each address: the changes of all its subscriptions together."""
    session.db.execute("DELETE FROM subscription WHERE expirationDateTime <= ?", (session.now,))
    company = session.value("SELECT id FROM company")
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for subscription in session.rows("SELECT * FROM subscription"):
        entity_set = subscription["resource"].rsplit("/", 1)[-1]
        root = f"{base}/companies({company})/{entity_set}"
        changes = _changes(session, entity_set, root)
        found[subscription["notificationUrl"]] += [
            {
                "subscriptionId": subscription["subscriptionId"],
                "clientState": subscription["clientState"],
                "expirationDateTime": moments.shown(subscription["expirationDateTime"]),
                **change,
            }
            for change in changes
        ]
    return {address: entries for address, entries in found.items() if entries}


def _changes(session: Session, entity_set: str, root: str) -> list[dict[str, str]]:
    rows = session.rows(
        "SELECT * FROM pending_change WHERE entitySet = ? ORDER BY lastAt", (entity_set,)
    )
    if len(rows) > _MOST:
        first = moments.later(min(row["firstAt"] for row in rows), seconds=-0.05)
        deleted = any(row["changeType"] == "deleted" for row in rows)
        query = "" if deleted else f"?$filter=lastModifiedDateTime%20gt%20{first}"
        return [
            {
                "resource": root + query,
                "changeType": "collection",
                "lastModifiedDateTime": rows[-1]["lastAt"],
            }
        ]
    return [
        {
            "resource": f"{root}({row['entityId']})",
            "changeType": row["changeType"],
            "lastModifiedDateTime": row["lastAt"],
        }
        for row in rows
    ]
