"""What machines say to us: verified, kept, answered; nothing else happens here."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from math import ceil
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException
from django.views.decorators.csrf import csrf_exempt

from quittance.core.errors import Misconfigured, OutsideError, Refused
from quittance.identity.throttle import note_network, wait_of_network
from quittance.payments.inbox import NoSuchAddress, keep_messages
from quittance.receivables.hints import NoSuchHintAddress, keep_hint
from quittance.tenancy.caller import caller
from quittance.tenancy.hosts import OrganizationRequest
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import working_for
from quittance.ui.bodies import answers_too_much
from quittance.ui.errors import after
from quittance.webhooks import reports

log = logging.getLogger(__name__)
BODY_LIMIT = 256 * 1024


def _for_machines(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Take a POST only; whatever else comes is told so in plain text, as machines show no page."""

    @csrf_exempt  # a gateway signs, an ERP says a secret, of a browser nothing is believed
    @answers_too_much(_too_much)
    @wraps(view)
    def wrapped(request: HttpRequest, **arguments: Any) -> HttpResponse:
        if request.method == "POST":
            return view(request, **arguments)
        answer = _answer(405, "Only POST is answered here.")
        answer.headers["Allow"] = "POST"
        return answer

    return wrapped


def _too_much(_request: HttpRequest) -> HttpResponse:
    return _answer(413, "This is larger than any message we expect, or does not say its size.")


@_for_machines
def gateway(request: HttpRequest, path: str) -> HttpResponse:
    """A gateway says that something happened."""
    body = _body(request)
    if body is None:
        return _answer(413, "This is larger than any message we expect.")
    organization_id = cast("OrganizationRequest", request).organization_id
    with working_for(organization_id, actor="gateway webhook"):
        try:
            keep_messages(path, request.headers, body)
        except NoSuchAddress:
            return _answer(404, "There is nobody at this address.")
        except Refused as error:
            log.warning("webhook refused: %s", error)
            return _answer(400, "The signature does not fit.")
        except OutsideError as error:
            log.error("webhook not readable: %s", error)
            return _answer(503, "We cannot read this now. Send it again later.")
    return _answer(200, "Thank you.")


@_for_machines
def erp(request: HttpRequest, path: str) -> HttpResponse:
    """An ERP says that something changed, or wants to know whether we are here."""
    body = _body(request)
    if body is None:
        return _answer(413, "This is larger than any message we expect.")
    organization_id = cast("OrganizationRequest", request).organization_id
    with working_for(organization_id, actor="erp webhook"):
        try:
            said = keep_hint(path, request.GET.dict(), body)
        except NoSuchHintAddress:
            return _answer(404, "There is nobody at this address.")
        except Refused as error:
            log.warning("hint refused: %s", error)
            return _answer(400, "The secret does not fit.")
        except Misconfigured as error:
            log.error("hint not readable: %s", error)
            return _answer(503, "We cannot read this now. Send it again later.")
    return _answer(200, said)


@_for_machines
def browser(request: HttpRequest) -> HttpResponse:
    """A browser says what it refused to do on a page of ours."""
    body = _body(request, reports.MOST_BYTES)
    if body is None:
        return _answer(413, "This is larger than any report we expect.")
    organization_id = cast("OrganizationRequest", request).organization_id
    ip = caller(request)
    with working_for(organization_id, actor="browser"), writing():
        wait = wait_of_network("browser", ip, most=reports.MOST_AN_HOUR)
        if wait <= timedelta(0):
            note_network("browser", ip)
    if wait > timedelta(0):
        return after(_answer(429, "Too many reports."), ceil(wait.total_seconds()))
    try:
        reports.write_down(reports.read_reports(body))
    except reports.NotAReport as error:
        return _answer(400, str(error))
    return HttpResponse(status=204)


def _body(request: HttpRequest, most: int = BODY_LIMIT) -> bytes | None:
    try:
        length = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        return None
    if length > most:
        return None
    try:
        return request.read(most + 1) if length else b""
    except (RawPostDataException, OSError):
        return None


def _answer(status: int, text: str) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
