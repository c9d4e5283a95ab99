"""Lines of the log, without the words that open something by being known."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from structlog.contextvars import (
    bind_contextvars,
    bound_contextvars,
    get_contextvars,
    unbind_contextvars,
)

from quittance.tenancy.scope import current_origin, scope_if_any

_log = logging.getLogger("quittance.request")
# Addresses whose last part is a secret of its own; also quoted inside of another address.
_SECRET: Final = re.compile(
    r"((?:/|%2F)(?:pay|invited|receipts|approvals(?:/|%2F)mail|mails(?:/|%2F)off"
    r"|profile(?:/|%2F)mail"
    r"|hooks(?:/|%2F)(?:gateway|erp))(?:/|%2F))[^\s\"'&?#]+",
    re.IGNORECASE,
)
# What somebody shows who wants in: of a header, or of a form or a query.
_SHOWN: Final = re.compile(
    r"(\b(?:bearer|basic)\s+|\b(?:\w*(?:password|secret|token|verifier|assertion|signature)|api_key"
    r"|code|state|samlresponse)=)[^\s\"'&?#,;)]{6,}",
    re.IGNORECASE,
)
# What else than its message a record may say; whatever is not named here is left out.
_FACTS: Final = ("method", "route", "status", "milliseconds")
_NAMED: Final = {"payment_id": "payment", "posting_id": "posting", "invoice_id": "invoice"}


class Line(logging.Formatter):
    """Writes a record down, and of an address with a secret only that there was one.

    Here, and not in a filter, so that tracebacks go through it, too. Source: security.md, A8.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record, and its traceback if it has one."""
        return _without_secrets(super().format(record))


class Json(logging.Formatter):
    """Writes a record down as one line of JSON, with what it is about. Source: security.md, K4.

    ``time`` is UTC. ``request``, ``organization``, ``actor``, ``job``, ``task`` and ``payment``
    (an id) are there where they are known; ``request`` also stands in the answer and the audit.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record; its traceback is a field of it."""
        told: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _without_secrets(record.getMessage()),
            **about(),
        }
        told |= {name: getattr(record, name) for name in _FACTS if hasattr(record, name)}
        if record.exc_info:
            told["exception"] = _without_secrets(self.formatException(record.exc_info))
        return json.dumps(told, default=str)


def about() -> Mapping[str, object]:
    """Return for whom and about what this thread or task works now, as ids."""
    scope, origin = scope_if_any(), current_origin()
    found: dict[str, object] = {"request": origin.request_id} if origin.request_id else {}
    if scope is not None:
        found |= {"organization": str(scope.organization_id), "actor": scope.actor}
    return found | get_contextvars()


def request_line(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: lines of a page say which payment it is about; each request leaves one line.

    It has the address as it is written in our own list of addresses, so nothing that anybody sent.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        begin = time.monotonic()
        try:
            response = get_response(request)
            match = request.resolver_match
            facts = {
                "method": request.method, "route": f"/{match.route}" if match else "",
                "status": response.status_code,
                "milliseconds": round((time.monotonic() - begin) * 1000),
            }  # fmt: skip
            _log.info("answered", extra=facts)
            return response
        finally:
            unbind_contextvars(*_NAMED.values())

    def process_view(
        _request: HttpRequest, _view: object, _arguments: object, named: Mapping[str, object]
    ) -> None:
        bind_contextvars(**_about_which(named))

    middleware.process_view = process_view  # type: ignore[attr-defined]
    return middleware


async def job_line(call_next: Callable[[], Awaitable[Any]], context: Any, _worker: object) -> Any:
    """Have all lines of a job say which one it is, and which payment it is about.

    For procrastinate's worker, around every job.
    """
    job = context.job
    with bound_contextvars(job=job.id, task=job.task_name, **_about_which(job.task_kwargs)):
        return await call_next()


def _about_which(named: Mapping[str, object]) -> dict[str, str]:
    return {word: str(named[name]) for name, word in _NAMED.items() if name in named}


def _without_secrets(text: str) -> str:
    return _SHOWN.sub(r"\1...", _SECRET.sub(r"\1...", text))
