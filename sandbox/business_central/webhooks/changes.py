"""Writes down which entities changed, for the notifications that are sent later."""

from __future__ import annotations

import sqlite3

from sandbox.business_central.database import Session
from sandbox.business_central.facts import Entity
from sandbox.business_central.shapes import SHAPES

_MOVED = ("lastModifiedDateTime", "rowVersion")

# Facts, section 4: the documented list, as far as it is carried here. Not on it: customerPayments,
# contacts, lines of documents (a changed line tells of its document).
NOTIFIED = frozenset(
    {
        "accounts",
        "companyInformation",
        "countriesRegions",
        "currencies",
        "customerPaymentJournals",
        "customers",
        "dimensions",
        "generalLedgerEntries",
        "items",
        "journals",
        "paymentMethods",
        "paymentTerms",
        "salesCreditMemos",
        "salesInvoices",
        "salesOrders",
        "shipmentMethods",
        "unitsOfMeasure",
    }
)


def changed(session: Session, entity_set: str, entity_id: str, kind: str) -> None:
    """Note that an entity was ``created``, ``updated`` or ``deleted``.

    Changes of one entity within the window are merged (facts, section 4): created stays created,
    created and deleted again is nothing.
    """
    if not _has_subscribers(session, entity_set):
        return
    before = session.row(
        "SELECT changeType FROM pending_change WHERE entitySet = ? AND entityId = ?",
        (entity_set, entity_id),
    )
    if before is None:
        session.insert(
            "pending_change",
            {
                "entitySet": entity_set,
                "entityId": entity_id,
                "changeType": kind,
                "firstAt": session.now,
                "lastAt": session.now,
            },
        )
        return
    if before[0] == "created" and kind == "deleted":
        session.db.execute(
            "DELETE FROM pending_change WHERE entitySet = ? AND entityId = ?",
            (entity_set, entity_id),
        )
        return
    session.db.execute(
        "UPDATE pending_change SET changeType = ?, lastAt = ? WHERE entitySet = ? AND entityId = ?",
        (
            "created" if before[0] == "created" else kind,
            session.now,
            entity_set,
            entity_id,
        ),
    )


def _has_subscribers(session: Session, entity_set: str) -> bool:
    """A subscription keeps its resource as it was given: relative or absolute."""
    return (
        session.row("SELECT 1 FROM subscription WHERE resource LIKE ?", (f"%/{entity_set}",))
        is not None
    )


def forget_null_update(session: Session, entity: Entity, before: sqlite3.Row) -> None:
    """Undo the date and the tag of a change that changed nothing, and do not tell of it.

    The platform leaves SystemModifiedAt alone then, and the notification is dropped as a "null
    update" (BCApps, codeunit 6154).
    """
    table = SHAPES[entity.set].table
    columns = before.keys()
    if table.startswith("(") or entity.set == "subscriptions" or _MOVED[0] not in columns:
        return
    where = f'FROM {table} WHERE "{entity.key}" = ?'
    after = session.row(f"SELECT * {where}", (before[entity.key],))
    names = [name for name in columns if name not in _MOVED]
    if after is None or any(after[name] != before[name] for name in names):
        return
    old = {name: before[name] for name in _MOVED}
    session.update(table, old, key=entity.key, is_=before[entity.key])
    session.db.execute(
        "DELETE FROM pending_change WHERE entitySet = ? AND entityId = ? AND firstAt = ?"
        " AND changeType = 'updated'",
        (entity.set, before[entity.key], session.now),
    )
