"""Runs bound actions: posting a journal, and what sales documents can do."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from starlette.responses import Response

from sandbox.business_central import posting, read, writing
from sandbox.business_central.call import Call
from sandbox.business_central.database import Session
from sandbox.business_central.errors import ApiError, not_carried
from sandbox.business_central.facts import Entity
from sandbox.business_central.sales import actions as sales

# The steps of an action: each is a transaction of its own. A step gives back the set and the id
# that the answer's Location leads to, or nothing.
_Step = Callable[[Session, sqlite3.Row], tuple[str, str] | None]
_ACTIONS: dict[tuple[str, str], Sequence[_Step]] = {
    ("journals", "Microsoft.NAV.post"): (posting.post,),
    **sales.ACTIONS,
}


def run(call: Call, entity: Entity, key: Any, action: str) -> Response:
    """Run an action; 204 when it went through, with the address of what it made or changed."""
    if call.method != "POST":
        raise ApiError(405, "BadRequest_MethodNotAllowed", "An action is called with POST.")
    steps = _ACTIONS.get((entity.set, action))
    if steps is None:
        raise not_carried(f"{entity.set} {action}")
    place = None
    for step in steps:
        with call.database.writing() as session:
            row = read.stored(session, entity, key)
            if step is steps[0]:
                writing.check_tag(call, row["rowVersion"], required=False)
            place = step(session, row)
        # Posting commits, also in the middle of a batch (facts, section 3.6).
        call.database.commit()
    location = {"Location": f"{call.base}/{place[0]}({place[1]})"} if place is not None else None
    return Response(status_code=204, headers=location)
