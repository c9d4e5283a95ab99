"""What Business Central answers when it says no: a status, a code and a message."""

from __future__ import annotations

import json
import uuid

from starlette.responses import Response


class ApiError(Exception):
    """An error answer. ``code`` is what a client should decide on, not the status (facts, 3.4)."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def bad_request(message: str, code: str = "BadRequest") -> ApiError:
    """400 with a code of the table in the facts, section 3.7."""
    return ApiError(400, code, message)


def dialog(message: str) -> ApiError:
    """What AL's ``Error()`` becomes: nearly every refusal of section 2."""
    return ApiError(400, "Application_DialogException", message)


def field_error(message: str) -> ApiError:
    """What AL's ``TestField`` and ``FieldError`` become."""
    return ApiError(400, "Application_FieldValidationException", message)


def not_found(message: str = "The requested record was not found.") -> ApiError:
    """404 for a key that no record has."""
    return ApiError(404, "Internal_RecordNotFound", message)


def unknown_segment(segment: str) -> ApiError:
    """404 for a name that is no entity set, navigation or action here."""
    return ApiError(
        404, "BadRequest_ResourceNotFound", f"Resource not found for the segment '{segment}'."
    )


def same_key(table: str, values: str) -> ApiError:
    """A record with this primary key is there already (status 400 or 409: facts, 3.4)."""
    return ApiError(
        400,
        "Internal_EntityWithSameKeyExists",
        f"The record in table {table} already exists. Identification fields and values: {values}",
    )


def not_carried(what: str) -> ApiError:
    """501 for what Business Central has and this sandbox has not (yet)."""
    return ApiError(
        501, "BadRequest_MethodNotImplemented", f"This sandbox does not carry {what} yet."
    )


def answer(error: ApiError) -> Response:
    """Write the error body; the correlation id ends the message, as in section 3.7."""
    correlation = str(uuid.uuid4())
    message = f"{error.message}  CorrelationId:  {correlation}."
    return Response(
        json.dumps({"error": {"code": error.code, "message": message}}, ensure_ascii=False),
        status_code=error.status,
        media_type="application/json",
        headers={"ms-correlation-x": correlation},
    )
