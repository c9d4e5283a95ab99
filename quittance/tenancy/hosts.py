"""Which organization a host name belongs to."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

_REMEMBER_SECONDS = 30
_remembered: dict[str, tuple[float, tuple[UUID, str] | None]] = {}


class OrganizationRequest(HttpRequest):
    """A request of which we know the organization."""

    organization_id: UUID
    organization_name: str


def organization_of_host(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: put the host's organization on the request; an unknown host gets a plain 404."""

    def middleware(request: Any) -> HttpResponse:
        name = request.META.get("HTTP_HOST", "").lower().rsplit(":", 1)[0]
        found = find_organization(name)
        if found is None:
            return HttpResponse("There is no portal at this address.", status=404,
                                content_type="text/plain; charset=utf-8")  # fmt: skip
        request.organization_id, request.organization_name = found
        return get_response(request)

    return middleware


def find_organization(host: str) -> tuple[UUID, str] | None:
    """Return id and name of the organization behind ``host`` (lower case, no port), or ``None``.

    The answer is remembered for half a minute in this process.
    """
    now = time.monotonic()
    known = _remembered.get(host)
    if known and known[0] > now:
        return known[1]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT id, name FROM tenancy_organization_of_host(%s)", [host])
        row: tuple[UUID, str] | None = cursor.fetchone()
    if len(_remembered) > 10_000:  # strangers may send any host name
        _remembered.clear()
    _remembered[host] = (now + _REMEMBER_SECONDS, row)
    return row


def organization_ids() -> list[UUID]:
    """Return every organization, for jobs that go from one to the next."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT id FROM tenancy_organization_ids() AS id")
        return [row[0] for row in cursor.fetchall()]
