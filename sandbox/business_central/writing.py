"""Takes POST, PATCH and DELETE: checks body and tag, then lets the record's own rules run."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from sandbox.business_central import (
    attachments,
    batches,
    customers,
    defaults,
    dimensions,
    journal_lines,
    payments,
    read,
    setup_records,
    values,
)
from sandbox.business_central.call import Call, json_response
from sandbox.business_central.database import Session
from sandbox.business_central.errors import ApiError, bad_request, dialog, not_carried
from sandbox.business_central.facts import Entity, Way, entities, way
from sandbox.business_central.odata.filters import Condition
from sandbox.business_central.odata.options import Query
from sandbox.business_central.sales import headers, lines
from sandbox.business_central.webhooks import changes, subscriptions

_TAG = re.compile(r'(W/)?"[^"]*"')

Create = Callable[[Session, dict[str, Any]], str]
Patch = Callable[[Session, sqlite3.Row, dict[str, Any]], None]
Delete = Callable[[Session, sqlite3.Row], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a set does on insert, modify and delete; None: this sandbox has no such act."""

    before: Callable[[dict[str, Any]], None] | None = None  # outside of the transaction
    create: Create | None = None
    patch: Patch | None = None
    delete: Delete | None = None


RULES: dict[str, Rules] = {
    "customerPaymentJournals": Rules(
        create=batches.create_cash_receipts, patch=batches.patch, delete=batches.delete
    ),
    "customers": Rules(create=customers.create, patch=customers.patch, delete=customers.delete),
    "customerContacts": Rules(
        patch=setup_records.patch_customer_contact, delete=setup_records.delete_contact
    ),
    "dimensionSetLines": Rules(
        create=dimensions.create, patch=dimensions.patch, delete=dimensions.delete
    ),
    "defaultDimensions": Rules(
        create=defaults.create, patch=defaults.patch, delete=defaults.delete
    ),
    "journalLines": Rules(
        create=journal_lines.create, patch=journal_lines.patch, delete=journal_lines.delete
    ),
    "pictures": Rules(delete=attachments.delete_picture),
    "companyInformation": Rules(patch=customers.patch_company_information),
    "subscriptions": Rules(
        before=subscriptions.handshake,
        create=subscriptions.create,
        patch=subscriptions.patch,
        delete=subscriptions.delete,
    ),
    "journals": Rules(create=batches.create_general, patch=batches.patch, delete=batches.delete),
    "customerPayments": Rules(create=payments.create, patch=payments.patch, delete=payments.delete),
}

for _room in (headers, lines, setup_records, attachments):
    for _set in _room.CREATE:
        RULES[_set] = Rules(
            create=_room.CREATE[_set], patch=_room.PATCH[_set], delete=_room.DELETE[_set]
        )


def create(call: Call, entity: Entity, parent: dict[str, Any]) -> Response:
    """Insert a record; answer 201 with it, or 204 with ``Prefer: return-no-content``.

    Records of its navigation properties may come along: a deep insert, all of it or nothing.
    """
    body = call.json_object()
    children = _children(entity, body)
    given = checked_body(entity, body, creating=True) | _from_parent(entity, parent, body)
    rules = RULES.get(entity.set, Rules())
    if rules.create is None:
        raise not_carried(f"POST on {entity.set}")
    if rules.before is not None:
        rules.before(given)
    with call.database.writing() as session:
        key = rules.create(session, given)
        for child in children:
            _create_child(session, child, key)
        at = [read.equals("parentId", parent["parentId"])] if "parentId" in parent else []
        record = read.one(session, Query(entity=entity), key, base=call.base, at=at)
    return created(call, entity, key, record)


@dataclass(frozen=True, slots=True)
class _Child:
    """A record that comes along with its parent in one body."""

    way: Way
    given: dict[str, Any]
    children: list[_Child]


def _children(entity: Entity, body: dict[str, Any]) -> list[_Child]:
    """Take the records of navigation properties out of a body."""
    found = []
    for name in [name for name in body if name in entity.navigation]:
        raw, link = body.pop(name), way(entity, name)
        if link is None or (link.set not in RULES) or RULES[link.set].create is None:
            raise not_carried(f"a deep insert of {entity.set}/{name}")
        if not link.many or not isinstance(raw, list):
            raise bad_request(f"The property '{name}' must be a list of records.")
        inner = entities()[link.set]
        for each in raw:
            if not isinstance(each, dict):
                raise bad_request(f"The property '{name}' must be a list of records.")
            below = _children(inner, each)
            found.append(_Child(link, checked_body(inner, each, creating=True), below))
    return found


def _create_child(session: Session, child: _Child, parent: str) -> None:
    rules = RULES[child.way.set]
    assert rules.create is not None
    given = child.given | {child.way.child: parent}
    if child.way.type and "parentType" in entities()[child.way.set].fields:
        given["parentType"] = child.way.type
    key = rules.create(session, given)
    for inner in child.children:
        _create_child(session, inner, key)


def _from_parent(entity: Entity, parent: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """What the path says of the parent; a body that says otherwise is refused."""
    found = {name: value for name, value in parent.items() if name in entity.fields}
    for name, value in found.items():
        if name in body and values.kept(entity.fields[name], body[name]) != value:
            if name == "journalId":
                raise dialog("The Journal Id and Journal Display Name do not match.")
            raise dialog(f"The {name} of the address and of the body do not match.")
    return found


def created(call: Call, entity: Entity, key: str, record: dict[str, Any]) -> Response:
    """The answer to a POST that made a record."""
    quoted = f"'{key}'" if entity.set == "subscriptions" else key
    location = {"Location": f"{call.base}/{entity.set}({quoted})"}
    if call.prefers("return-no-content") is not None or call.prefers("return") == "minimal":
        return Response(status_code=204, headers=location)
    context = call.context(entity.set) + "/$entity"
    return json_response({"@odata.context": context, **record}, 201, location)


def patch(call: Call, entity: Entity, key: Any, at: Sequence[Condition] = ()) -> Response:
    """Change a record; answer 200 with it whatever ``Prefer`` says (facts, section 3.4)."""
    given = checked_body(entity, call.json_object(), creating=False)
    rules = RULES.get(entity.set, Rules())
    if rules.patch is None:
        raise not_carried(f"PATCH on {entity.set}")
    if rules.before is not None:
        with call.database.reading() as session:
            row = read.stored(session, entity, key, at)
            check_tag(call, row["rowVersion"], required=True)
        rules.before({**dict(row), **given})
    with call.database.writing() as session:
        row = read.stored(session, entity, key, at)
        check_tag(call, row["rowVersion"], required=True)
        rules.patch(session, row, given)
        changes.forget_null_update(session, entity, row)
        record = read.one(session, Query(entity=entity), key, base=call.base, at=at)
    return json_response({"@odata.context": call.context(entity.set) + "/$entity"} | record)


def delete(call: Call, entity: Entity, key: Any, at: Sequence[Condition] = ()) -> Response:
    """Delete a record; the tag is checked only if it was sent (facts, section 3.4)."""
    rules = RULES.get(entity.set, Rules())
    if rules.delete is None:
        raise not_carried(f"DELETE on {entity.set}")
    with call.database.writing() as session:
        row = read.stored(session, entity, key, at)
        check_tag(call, row["rowVersion"], required=entity.set == "subscriptions")
        rules.delete(session, row)
    return Response(status_code=204)


def check_tag(call: Call, version: int, *, required: bool) -> None:
    """Compare ``If-Match`` with the record. Missing is 400, not 428; stale is 409, not 412."""
    tag = call.headers.get("if-match")
    if tag is None and not required:
        return
    if tag is None or not (tag == "*" or _TAG.fullmatch(tag)):
        raise bad_request(
            "Could not validate the client concurrency token required by the service."
            " Please provide a valid token in the client request.",
            "BadRequest_InvalidToken",
        )
    if tag not in {"*", read.etag(version)}:
        raise ApiError(409, "Request_EntityChanged", "Another user has already changed the record.")


def checked_body(entity: Entity, body: dict[str, Any], *, creating: bool) -> dict[str, Any]:
    """Return the body's values as they are kept. One bad property refuses the whole write."""
    found = {}
    for name, raw in body.items():
        if "@odata." in name or name.startswith("@"):
            continue
        field = entity.fields.get(name)
        if field is None:
            raise bad_request(
                f"The property '{name}' does not exist on type 'Microsoft.NAV.{entity.name}'."
                " Make sure to only use property names that are defined by the type."
            )
        # An id may be chosen on create: it is the SystemId.
        if field.read_only and not (creating and name == "id"):
            raise bad_request(f"Control '{name}' is read-only.", "BadRequest_InvalidOperation")
        found[name] = values.kept(field, raw)
    return found
