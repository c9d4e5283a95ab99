"""Finds what a path speaks of and answers it: a set, a record, a way between them, an action."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from sandbox.business_central import actions, metadata, read, streams, tokens, writing
from sandbox.business_central.call import Call, json_response, written
from sandbox.business_central.database import Database, Session
from sandbox.business_central.errors import (
    ApiError,
    bad_request,
    not_carried,
    not_found,
    unknown_segment,
)
from sandbox.business_central.facts import Entity, elsewhere, entities, way
from sandbox.business_central.odata import options, paging
from sandbox.business_central.odata.filters import Condition
from sandbox.business_central.odata.paths import Segment, segments

_TOP = {"companies", "subscriptions"}
_LARGEST_BODY = 350 * 1024 * 1024


def respond(call: Call) -> Response:
    """Answer one request. Raises ``ApiError``."""
    if len(call.body) > _LARGEST_BODY:
        raise ApiError(413, "RequestEntityTooLarge", "The request body is too large.")
    steps = segments(call.path)
    if not steps:
        return _service_document(call)
    if steps[0].name == "$metadata":
        return Response(metadata.document(), media_type="application/xml")
    if steps[0].name == "$batch":
        raise bad_request("A batch cannot hold another batch, nor hang below a company.")
    check_permission(call)
    if steps[0].name == "companies" and steps[0].key is not None and len(steps) > 1:
        found = _company(call, steps[0].key)
        if found is None:
            raise ApiError(
                404,
                "Internal_CompanyNotFound",
                f'The company "{steps[0].key}" does not exist.',
            )
        base = f"{call.base}/companies({steps[0].key})"
        return _from_set(replace(call, base=base, database=found[1]), steps[1:])
    if steps[0].name not in _TOP:
        return _from_set(_with_company(call), steps)
    return _from_set(call, steps)


def check_permission(call: Call) -> None:
    """Refuse who lacks the permission set: Authorization_* (facts, section 3.7)."""
    may = call.caller.may
    if may == tokens.NOTHING or (may == tokens.READ_ONLY and call.method != "GET"):
        raise ApiError(
            403,
            "Authorization_RequestDenied",
            "You do not have the permissions that are required for this operation. Ask your"
            " administrator to assign permission sets to the application.",
        )


def _company(call: Call, company: str) -> tuple[str, Database] | None:
    """The id and the data of a company that is named by id or name."""
    entity, name = entities()["companies"], Condition("t.name = ?", (company,), frozenset())
    conditions = [read.equals("id", company)], [name]
    with call.database.reading() as session:
        for condition in conditions:
            query = options.Query(entity=entity, select=("id",))
            found = read.first(session, query, condition, base="")
            if found is not None:
                key = found["id"]
                return key, call.others.get(key, call.database)
    return None


def _with_company(call: Call) -> Call:
    """``?company=`` names the company by id or name (facts, section 3.1)."""
    if entities().get(segments(call.path)[0].name) is None:
        raise unknown_segment(segments(call.path)[0].name)
    company = dict(call.options).get("company", call.headers.get("company", ""))
    if not company:
        raise bad_request("You must choose a company. Try again by specifying companies({id}).")
    found = _company(call, company)
    if found is None:
        raise bad_request("The supplied company name is not valid.")
    return replace(call, base=f"{call.base}/companies({found[0]})", database=found[1])


def _service_document(call: Call) -> Response:
    value = [{"name": name, "kind": "EntitySet", "url": name} for name in entities()]
    return json_response({"@odata.context": f"{call.base}/$metadata", "value": value})


def _from_set(call: Call, steps: list[Segment]) -> Response:
    """Walk from an entity set along keys and navigation to what is asked."""
    entity = entities().get(steps[0].name)
    if steps[0].name in elsewhere():
        raise not_carried(steps[0].name)
    if entity is None:
        raise unknown_segment(steps[0].name)
    conditions: list[Condition] = []
    parent: dict[str, Any] = {}
    key: Any = steps[0].key
    rest = steps[1:]
    while rest and key is not None:
        name = rest[0].name
        link = way(entity, name)
        if link is None:
            return _last_step(call, entity, key, rest)
        with call.database.reading() as session:
            value = read.stored(session, entity, key, conditions)[link.parent]
        entity, conditions = entities()[link.set], [read.equals(link.child, value)]
        parent = {link.child: value} | ({"parentType": link.type} if link.type else {})
        key, rest = rest[0].key, rest[1:]
        if not link.many and key is None:
            with call.database.reading() as session:
                key = _only_key(session, entity, conditions)
            conditions = []
    conditions += _permitted(call, entity)
    if key is not None:
        return _record(call, entity, key, conditions)
    return _set(call, entity, conditions, parent, rest)


def _permitted(call: Call, entity: Entity) -> list[Condition]:
    """What is cut off without a word for who may not read drafts (facts, section 1.2)."""
    if call.caller.may != tokens.POSTED_ONLY:
        return []
    if entity.set == "salesOrders":
        raise ApiError(
            403,
            "Authorization_RequestDenied",
            "You do not have permissions to read Sales Orders.",
        )
    if entity.set not in {"salesInvoices", "salesCreditMemos"}:
        return []
    return [Condition("t.status NOT IN ('Draft', 'In_x0020_Review')", (), frozenset())]


def _only_key(session: Session, entity: Entity, conditions: list[Condition]) -> Any:
    query = options.Query(entity=entity, select=(entity.key,))
    found = read.first(session, query, conditions, base="")
    if found is None:
        raise not_found()
    return found[entity.key]


def _last_step(call: Call, entity: Entity, key: Any, rest: list[Segment]) -> Response:
    """An action, a stream, or a name that is not known."""
    name = rest[0].name
    known = {action.lower(): action for action in entity.actions}
    if name.lower() in known:  # not case-sensitive: .Post posts too (facts, section 1)
        return actions.run(call, entity, key, known[name.lower()])
    if name.lower().startswith("microsoft.nav."):
        raise ApiError(501, "BadRequest_MethodNotImplemented", f"No action '{name}' is known.")
    field = entity.fields.get(name)
    if field is not None and field.type == "Stream":
        return streams.respond(call, entity, key, field)
    if name in entity.navigation:
        raise not_carried(f"{entity.set}/{name}")
    raise unknown_segment(name)


def _refuse_method(call: Call, entity: Entity) -> None:
    if call.method not in entity.methods:
        raise ApiError(
            405,
            "BadRequest_MethodNotAllowed",
            f"Entity does not support {call.method} requests.",
        )


def _record(call: Call, entity: Entity, key: Any, conditions: list[Condition]) -> Response:
    _refuse_method(call, entity)
    if call.method == "PATCH":
        return writing.patch(call, entity, key, conditions)
    if call.method == "DELETE":
        return writing.delete(call, entity, key, conditions)
    if call.method == "POST":
        raise ApiError(
            405, "BadRequest_MethodNotAllowed", "POST needs an entity set, not a record."
        )
    query = options.read(entity, call.options)
    with call.database.reading() as session:
        found = read.one(session, query, key, base=call.base, at=conditions)
    record = {"@odata.context": call.context(entity.set) + "/$entity", **found}
    return json_response(record, headers={"ETag": record["@odata.etag"]})


def _set(
    call: Call,
    entity: Entity,
    conditions: list[Condition],
    parent: dict[str, Any],
    rest: list[Segment],
) -> Response:
    if rest and rest[0].name != "$count":
        raise unknown_segment(rest[0].name)
    _refuse_method(call, entity)
    if call.method == "POST":
        return writing.create(call, entity, parent)
    if call.method != "GET":
        raise ApiError(
            405, "BadRequest_MethodNotAllowed", f"{call.method} needs a key in parentheses."
        )
    query = options.read(entity, call.options)
    if rest:
        with call.database.reading() as session:
            return Response(str(read.count(session, query, conditions)), media_type="text/plain")
    return page(call, query, conditions)


def page(call: Call, query: options.Query, conditions: list[Condition]) -> Response:
    """One page: 20,000 records, fewer with ``Prefer: odata.maxpagesize``, and where to go on."""
    wish = call.prefers("odata.maxpagesize") or call.prefers("maxpagesize") or ""
    most = min(int(wish), call.page) if wish.isdigit() and int(wish) else call.page
    before: dict[str, Any] = {"@odata.context": call.context(query.entity.set)}
    behind: dict[str, Any] = {}
    with call.database.reading() as session:
        reading = read.Reading(session, query, conditions, page=most, base=call.base)
        value = written(reading.records())
    if reading.count is not None:
        before["@odata.count"] = reading.count
    if reading.place is not None:
        behind["@odata.nextLink"] = _next_link(call, paging.token(reading.place))
    applied = {"Preference-Applied": f"odata.maxpagesize={wish}"} if wish else None
    return json_response({**before, "value": value, **behind}, headers=applied)


def _next_link(call: Call, token: str) -> str:
    kept = [pair for pair in call.options if pair[0] not in {"$skiptoken", "$skip"}]
    parts = [f"{name}={quote(value, safe='')}" for name, value in [*kept, ("$skiptoken", token)]]
    return f"{call.root}/{quote(call.path, safe='/()$')}?{'&'.join(parts)}"
