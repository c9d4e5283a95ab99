"""Runs bound actions: posting a journal, cancelling an invoice."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from sandbox.business_central import documents, posting, read, writing
from sandbox.business_central.call import Call
from sandbox.business_central.database import Session
from sandbox.business_central.errors import ApiError, dialog, not_carried
from sandbox.business_central.facts import Entity


def _cancel(session: Session, invoice: sqlite3.Row) -> None:
    if not invoice["posted"]:
        raise dialog("The action can be applied to a posted invoice only.")
    number = f"CM-{session.take('series:CM-')}"
    documents.cancel_invoice(
        session, invoice, number=number, posting_date=session.today, status="Canceled"
    )


_ACTIONS: dict[tuple[str, str], Callable[[Session, sqlite3.Row], None]] = {
    ("journals", "Microsoft.NAV.post"): posting.post,
    ("salesInvoices", "Microsoft.NAV.cancel"): _cancel,
}


def run(call: Call, entity: Entity, key: Any, action: str) -> Response:
    """Run an action in one transaction; 204 when it went through."""
    if call.method != "POST":
        raise ApiError(405, "BadRequest_MethodNotAllowed", "An action is called with POST.")
    act = _ACTIONS.get((entity.set, action))
    if act is None:
        raise not_carried(f"{entity.set} {action}")
    with call.database.writing() as session:
        row = read.stored(session, entity, key)
        writing.check_tag(call, row["rowVersion"], required=False)
        act(session, row)
    call.database.commit()  # posting commits, also in the middle of a batch (facts, section 3.6)
    return Response(status_code=204)
