"""The portal behind a real port, and something in between that may change what it answers."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.test import override_settings

Answer = tuple[str, list[tuple[str, str]], bytes]  # status, headers, body
Change = Callable[[str, Answer], Answer]  # of a path's answer


def _nothing(_path: str, answer: Answer) -> Answer:
    return answer


@dataclass
class Between:
    """What a browser's answers go through."""

    app: Callable[..., Iterable[bytes]]
    change: Change = _nothing
    asked: list[str] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        """Answer as the portal does, changed."""
        told: list[Any] = []
        parts = self.app(environ, lambda status, headers, *_: told.append((status, headers)))
        body = b"".join(parts)
        if hasattr(parts, "close"):
            parts.close()
        self.asked.append(environ["PATH_INFO"])
        status, headers, body = self.change(environ["PATH_INFO"], (*told[0], body))
        headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
        start_response(status, [*headers, ("Content-Length", str(len(body)))])
        return [body]


@contextmanager
def served() -> Iterator[tuple[str, Between]]:
    """Serve the portal at an address of this machine that no other test has; return its host."""
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.handlers.wsgi import WSGIHandler
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

    class Silent(WSGIRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    host = ".".join(["127", *(str(1 + secrets.randbelow(250)) for _ in range(3))])
    httpd = ThreadedWSGIServer((host, 0), Silent)
    httpd.daemon_threads = True
    between = Between(StaticFilesHandler(WSGIHandler()))
    httpd.set_app(between)  # type: ignore[arg-type]
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    try:
        with override_settings(PUBLIC_PORT=str(httpd.server_port)):
            yield host, between
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()
