"""A worker that is killed with SIGKILL at the n-th boundary it crosses."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
from django.db import connections, transaction

Boundary = str


@dataclass
class Fate:
    """Counts boundaries; at ``dies_at`` the process is gone, without a word."""

    dies_at: int
    crossed: int = 0

    def cross(self) -> None:
        """One more boundary."""
        self.crossed += 1
        if self.crossed == self.dies_at:
            os.kill(os.getpid(), signal.SIGKILL)


def dies(act: Callable[[], object], *, at: int) -> bool:
    """Run ``act`` in a process of its own that dies at boundary ``at``; say whether it died.

    Boundaries lie before and after every request to the outside, and before and after every COMMIT.
    """
    connections.close_all()
    child = os.fork()
    if child == 0:
        _be_the_worker(act, Fate(at))
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0, "the worker ended with an error of its own"
    return False


def _be_the_worker(act: Callable[[], object], fate: Fate) -> None:
    from quittance.connections import open as opened

    code = 1
    try:
        opened._opened.clear()  # no socket is shared with the parent
        with _watched(fate):
            act()
        code = 0
    finally:
        os._exit(code)


@contextlib.contextmanager
def _watched(fate: Fate) -> Iterator[None]:
    send, leave = httpx.HTTPTransport.handle_request, transaction.Atomic.__exit__

    def watched_send(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        fate.cross()
        response = send(self, request)
        response.read()
        fate.cross()
        return response

    def watched_leave(self: transaction.Atomic, *error: Any) -> None:
        fate.cross()
        leave(self, *error)
        fate.cross()

    httpx.HTTPTransport.handle_request = watched_send  # type: ignore[method-assign]
    transaction.Atomic.__exit__ = watched_leave  # type: ignore[method-assign]
    yield
