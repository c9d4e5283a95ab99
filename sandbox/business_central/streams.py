"""Reads and writes media links: printed documents, pictures, attached files."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from sandbox.business_central import pdf, read, writing
from sandbox.business_central.call import Call
from sandbox.business_central.errors import ApiError
from sandbox.business_central.facts import Entity, Field

_TYPE = "application/octet-stream"
_SIZED = {"attachments": "attachment", "documentAttachments": "document_attachment"}
_PICTURED = {"Customer": "customer", "Contact": "contact", "Item": "item"}


def respond(call: Call, entity: Entity, key: Any, field: Field) -> Response:
    """Answer a media link. ``PATCH`` wants ``If-Match``, as any change; nothing there is 204."""
    if call.method == "GET":
        return _get(call, entity, key, field)
    if call.method not in {"PATCH", "PUT"} or field.read_only or "PATCH" not in entity.methods:
        raise ApiError(405, "BadRequest_MethodNotAllowed", "This media link cannot be written.")
    with call.database.writing() as session:
        row = read.stored(session, entity, key)
        writing.check_tag(call, row["rowVersion"], required=True)
        session.db.execute(
            "INSERT INTO stream VALUES (?, ?, ?, ?) ON CONFLICT (owner, name) DO UPDATE"
            " SET contentType = excluded.contentType, content = excluded.content",
            (key, field.name, call.headers.get("content-type", _TYPE), call.body),
        )
        touched = session.touched()
        if entity.set in _SIZED:
            touched["byteSize"] = len(call.body)
            session.update(_SIZED[entity.set], touched, key="id", is_=key)
        elif entity.set == "pictures":
            session.update(_PICTURED[row["parentType"]], touched, key="id", is_=key)
        else:
            session.update("company_information", touched, key="id", is_=key)
    return Response(status_code=204)


def _get(call: Call, entity: Entity, key: Any, field: Field) -> Response:
    with call.database.reading() as session:
        if entity.set == "pdfDocument":
            row = read.stored(session, entity, key)
            language = call.headers.get("accept-language", "")
            content = pdf.draw(session, row["parentType"], key, language=language)
            return Response(content, media_type="application/pdf")
        read.stored(session, entity, key)
        found = session.row(
            "SELECT contentType, content FROM stream WHERE owner = ? AND name = ?",
            (key, field.name),
        )
    if found is None:
        return Response(status_code=204)
    return Response(bytes(found["content"]), media_type=found["contentType"])
