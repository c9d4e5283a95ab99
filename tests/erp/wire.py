"""Writes down what went over the wire, without what must not be told: one line for each answer."""

from __future__ import annotations

import json
import os
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import httpx

LOG: Final = "QUITTANCE_TEST_OUTSIDE_LOG"
_CHARACTERS: Final = 4000  # of a body
_SIGN_IN: Final = "/oauth2/"
_SECRETS: Final = re.compile(
    r'("(?:clientState|client_secret|access_token|refresh_token|password)"\s*:\s*)"(?:[^"\\]|\\.)*"'
)


def write_down(client: httpx.Client) -> None:
    """Have ``client`` log every answer into the file that the environment names, if it does."""
    path = os.environ.get(LOG, "")
    if not path:
        return
    file = Path(path)

    def asked(request: httpx.Request) -> None:
        request.extensions["asked_at"] = time.perf_counter()

    def answered(response: httpx.Response) -> None:
        response.read()
        with file.open("a", encoding="utf-8") as log:
            log.write(json.dumps(line_of(response), ensure_ascii=False) + "\n")

    client.event_hooks["request"].append(asked)
    client.event_hooks["response"].append(answered)


def line_of(response: httpx.Response) -> dict[str, object]:
    """Return what is kept of one answer. Nothing of a sign-in but its status."""
    request = response.request
    seconds = time.perf_counter() - request.extensions.get("asked_at", time.perf_counter())
    line: dict[str, object] = {
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "method": request.method,
        "url": str(request.url),
        "status": response.status_code,
        "seconds": round(seconds, 3),
    }
    if _SIGN_IN in request.url.path:
        return line
    for name in ("If-Match", "Prefer"):
        if name in request.headers:
            line[name.lower()] = request.headers[name]
    for name in ("Retry-After", "Preference-Applied", "request-id", "x-ms-correlation-request-id"):
        if name in response.headers:
            line[name.lower()] = response.headers[name]
    return line | {"sent": _told(request.content), "answer": _told(response.content)}


def _told(body: bytes) -> str:
    if b"\0" in body[:200] or body.startswith(b"%PDF"):
        return f"{len(body)} bytes"
    text = _SECRETS.sub(r'\1"…"', body.decode("utf-8", "replace"))
    return text if len(text) <= _CHARACTERS else f"{text[:_CHARACTERS]}… ({len(text)} characters)"
