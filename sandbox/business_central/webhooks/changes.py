"""Writes down which entities changed, for the notifications that are sent later."""

from __future__ import annotations

from sandbox.business_central.database import Session

# Facts, section 4: the documented list; customerPayments is not on it.
NOTIFIED = frozenset(
    {
        "accounts",
        "companyInformation",
        "currencies",
        "customerPaymentJournals",
        "customers",
        "generalLedgerEntries",
        "journals",
        "paymentTerms",
        "salesInvoices",
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
