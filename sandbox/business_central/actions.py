"""Runs bound actions: posting a journal, cancelling an invoice."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from sandbox.business_central import posting, read, writing
from sandbox.business_central.call import Call
from sandbox.business_central.errors import ApiError, not_carried
from sandbox.business_central.facts import Entity


def run(call: Call, entity: Entity, key: Any, action: str) -> Response:
    """Run an action in one transaction; 204 when it went through."""
    if call.method != "POST":
        raise ApiError(405, "BadRequest_MethodNotAllowed", "An action is called with POST.")
    if (entity.set, action) != ("journals", "Microsoft.NAV.post"):
        raise not_carried(f"{entity.set} {action}")
    with call.database.writing() as session:
        row = read.stored(session, entity, key)
        writing.check_tag(call, row["rowVersion"], required=False)
        posting.post(session, row)
    return Response(status_code=204)
