"""One request as the API's code sees it, free of the web server."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec
from starlette.datastructures import Headers
from starlette.responses import Response

from sandbox.business_central.database import Database
from sandbox.business_central.errors import bad_request
from sandbox.business_central.tokens import Caller

_encoder = msgspec.json.Encoder(decimal_format="number")
MEDIA_TYPE = "application/json; odata.metadata=minimal; odata.streaming=true"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request after sign-in. ``base`` is the absolute address that entity sets hang on.

    ``others`` are the companies beside the main one, by their ids.
    """

    method: str
    base: str
    path: str
    options: list[tuple[str, str]]
    headers: Headers
    body: bytes
    caller: Caller
    database: Database
    page: int
    others: Mapping[str, Database] = field(default_factory=dict)

    @property
    def root(self) -> str:
        """The API's root, without the company."""
        return self.base.partition("/companies(")[0]

    def context(self, entity_set: str) -> str:
        """The ``@odata.context`` of an answer: metadata and the set, seen from the root."""
        company = self.base.removeprefix(self.root).strip("/")
        return f"{self.root}/$metadata#{company}{'/' if company else ''}{entity_set}"

    def prefers(self, wish: str) -> str | None:
        """The value of a ``Prefer`` wish: "" for one without a value, None when not wished."""
        for part in self.headers.get("prefer", "").split(","):
            name, _, value = part.strip().partition("=")
            if name.lower() == wish:
                return value
        return None

    def json_object(self) -> dict[str, Any]:
        """The body as an object, numbers exact. Raises 400 for anything else."""
        try:
            found = json.loads(self.body, parse_float=Decimal, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            raise bad_request("The request body could not be read as JSON.") from None
        if not isinstance(found, dict):
            raise bad_request("The request body must be a JSON object.")
        return found


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def written(some: Iterable[list[Any]]) -> msgspec.Raw:
    """Write a long array piece by piece: nobody holds all of it but as text."""
    text = bytearray(b"[")
    for each in some:
        text += _encoder.encode(each)[1:-1] + b","
    text[max(1, len(text) - 1) :] = b"]"
    return msgspec.Raw(text)


def json_response(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Write an answer; amounts become JSON numbers without loss."""
    return Response(
        _encoder.encode(value),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers={"OData-Version": "4.0", **(headers or {})},
    )
