"""A worker that is killed with SIGKILL at the n-th boundary it crosses.

A killed process leaves behind what was durable, and nothing else. So of all moments between two
durable steps one stands for the others: the last, when the next step is prepared and the rows it
needs are locked. A boundary is therefore where a request is about to leave, or the COMMIT of a
transaction that wrote; that nothing became durable in between is seen by PostgreSQL itself, which
gives a transaction its number when it first writes or locks a row. The moment after the last step
is that of the process which ends by itself.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
from django.db import connection, connections, transaction

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

    Boundaries lie before every request to the outside, and before every COMMIT that changes a row.
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
        return response

    def watched_leave(self: transaction.Atomic, *error: Any) -> None:
        if error[0] is None and _will_be_durable():
            fate.cross()
        leave(self, *error)

    httpx.HTTPTransport.handle_request = watched_send  # type: ignore[method-assign]
    transaction.Atomic.__exit__ = watched_leave  # type: ignore[method-assign]
    yield


def _will_be_durable() -> bool:
    """Whether the block that ends is a whole transaction, and PostgreSQL saw it write."""
    if connection.savepoint_ids or connection.needs_rollback:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")
        return bool(cursor.fetchone()[0])
