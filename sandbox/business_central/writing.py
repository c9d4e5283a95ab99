"""Takes POST, PATCH and DELETE: checks body and tag, then lets the record's own rules run."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from sandbox.business_central import batches, customers, payments, read, values
from sandbox.business_central.call import Call, json_response
from sandbox.business_central.database import Session
from sandbox.business_central.errors import ApiError, bad_request, dialog, not_carried
from sandbox.business_central.facts import Entity
from sandbox.business_central.odata.options import Query
from sandbox.business_central.webhooks import subscriptions

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
    "salesInvoices": Rules(patch=customers.patch_invoice),
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


def create(call: Call, entity: Entity, parent: dict[str, Any]) -> Response:
    """Insert a record; answer 201 with it, or 204 with ``Prefer: return-no-content``."""
    given = checked_body(entity, call.json_object(), creating=True)
    for name, value in parent.items():
        if given.setdefault(name, value) != value:
            raise dialog("The Journal Id and Journal Display Name do not match.")
    rules = RULES.get(entity.set, Rules())
    if rules.create is None:
        raise not_carried(f"POST on {entity.set}")
    if rules.before is not None:
        rules.before(given)
    with call.database.writing() as session:
        key = rules.create(session, given)
        record = read.one(session, Query(entity=entity), key, base=call.base)
    return created(call, entity, key, record)


def created(call: Call, entity: Entity, key: str, record: dict[str, Any]) -> Response:
    """The answer to a POST that made a record."""
    quoted = f"'{key}'" if entity.set == "subscriptions" else key
    location = {"Location": f"{call.base}/{entity.set}({quoted})"}
    if call.prefers("return-no-content") is not None or call.prefers("return") == "minimal":
        return Response(status_code=204, headers=location)
    context = call.context(entity.set) + "/$entity"
    return json_response({"@odata.context": context, **record}, 201, location)


def patch(call: Call, entity: Entity, key: Any) -> Response:
    """Change a record; answer 200 with it whatever ``Prefer`` says (facts, section 3.4)."""
    given = checked_body(entity, call.json_object(), creating=False)
    rules = RULES.get(entity.set, Rules())
    if rules.patch is None:
        raise not_carried(f"PATCH on {entity.set}")
    if rules.before is not None:
        with call.database.reading() as session:
            row = read.stored(session, entity, key)
            check_tag(call, row["rowVersion"], required=True)
        rules.before({**dict(row), **given})
    with call.database.writing() as session:
        row = read.stored(session, entity, key)
        check_tag(call, row["rowVersion"], required=True)
        rules.patch(session, row, given)
        record = read.one(session, Query(entity=entity), key, base=call.base)
    return json_response({"@odata.context": call.context(entity.set) + "/$entity"} | record)


def delete(call: Call, entity: Entity, key: Any) -> Response:
    """Delete a record; the tag is checked only if it was sent (facts, section 3.4)."""
    rules = RULES.get(entity.set, Rules())
    if rules.delete is None:
        raise not_carried(f"DELETE on {entity.set}")
    with call.database.writing() as session:
        row = read.stored(session, entity, key)
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
