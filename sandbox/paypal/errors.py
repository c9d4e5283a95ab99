"""The API's errors: a name, a message, a debug id, and the issues."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, Final

_MESSAGES: Final = {
    "INVALID_REQUEST": "Request is not well-formed, syntactically incorrect, or violates schema.",
    "UNPROCESSABLE_ENTITY": "The requested action could not be performed, semantically incorrect,"
    " or failed business validation.",
    "DUPLICATE_REQUEST_ID": "The value of PayPal-Request-Id header has already been used",
    "RESOURCE_NOT_FOUND": "The specified resource does not exist.",
    "RESOURCE_CONFLICT": "The server has detected a conflict while processing this request.",
    "NOT_AUTHORIZED": "Authorization failed due to insufficient permissions.",
    "AUTHENTICATION_FAILURE": "Authentication failed due to missing authorization header,"
    " or invalid authentication credentials.",
    "INTERNAL_SERVER_ERROR": "An internal server error has occurred.",
    "SERVICE_UNAVAILABLE": "Service Unavailable.",
    "RATE_LIMIT_REACHED": "Too many requests. Blocked due to rate limiting.",
}


_WORDS: Final = {  # PayPal's own; source: orders v2, errors of capture and of patch
    "CANNOT_BE_ZERO_OR_NEGATIVE": "Must be greater than zero. If the currency supports decimals,"
    " only two decimal place precision is supported.",
    "DECIMAL_PRECISION": "If the currency supports decimals, only two decimal place precision is"
    " supported.",
    "DUPLICATE_INVOICE_ID": "Duplicate Invoice ID detected. To avoid a potential duplicate"
    " transaction your account setting requires that Invoice Id be unique for each transaction.",
    "INSTRUMENT_DECLINED": "The instrument presented  was either declined by the processor or bank,"
    " or it can't be used for this payment.",
    "NOT_PATCHABLE": "Cannot be patched.",
    "ORDER_ALREADY_CAPTURED": "Order already captured.If 'intent=CAPTURE' only one capture per"
    " order is allowed.",
    "ORDER_ALREADY_COMPLETED": "The order cannot be patched after it is completed.",
    "ORDER_NOT_APPROVED": "Payer has not yet approved the Order for payment. Please redirect the"
    " payer to the 'rel':'approve' url returned as part of the HATEOAS links within the Create"
    " Order call or provide a valid `payment_source` in the request.",
    "PAYER_ACCOUNT_LOCKED_OR_CLOSED": "The payer account cannot be used for this transaction.",
    "PAYER_ACTION_REQUIRED": "Transaction cannot complete successfully, instruct the buyer to"
    " return to PayPal.",
    "REFERENCE_ID_NOT_FOUND": "Filter expression value is incorrect. Please check the value of the"
    " reference_id and try again.",
    "TOKEN_ID_NOT_FOUND": "Specified token was not found. Verify the token and try the request"
    " again.",
}


class ApiError(Exception):
    """An answer that is not a success."""

    def __init__(
        self, status: int, name: str, issue: str = "", description: str = "", field: str = ""
    ) -> None:
        super().__init__(f"{name} {issue}".strip())
        self.status = status
        self.name = name
        self.issue = issue
        self.message = _MESSAGES.get(name, name)
        self.after: Callable[[], None] | None = None  # what is done although it says no
        self._description = description
        self._field = field

    def body(self) -> dict[str, Any]:
        """Return what is sent."""
        said: dict[str, Any] = {
            "name": self.name,
            "message": self.message,
            "debug_id": secrets.token_hex(7),
            "links": [],
        }
        if self.issue:
            detail = {"issue": self.issue}
            if words := self._description or _WORDS.get(self.issue):
                detail["description"] = words
            if self._field:
                detail |= {"field": self._field, "location": "body"}
            said["details"] = [detail]
        return said


def invalid(issue: str, field: str, description: str = "") -> ApiError:
    """Return the error for a request that is not well-formed."""
    return ApiError(400, "INVALID_REQUEST", issue, description, field)


def unprocessable(issue: str, description: str = "", field: str = "") -> ApiError:
    """Return the error for a request that is well-formed and can not be done."""
    return ApiError(422, "UNPROCESSABLE_ENTITY", issue, description, field)


def no_such_resource() -> ApiError:
    """Return the error for an object that this account does not have."""
    return ApiError(
        404, "RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID",
        "Specified resource ID does not exist. Please check the resource ID and try again.",
    )  # fmt: skip


def in_progress() -> ApiError:
    """Return the error for a request whose twin is still at work."""
    return ApiError(
        409, "RESOURCE_CONFLICT", "PREVIOUS_REQUEST_IN_PROGRESS",
        "A previous request on this resource is currently in progress. Please wait for sometime and"
        " try again. It is best to space out the initial and the subsequent request(s) to avoid"
        " receiving this error.",
    )  # fmt: skip
