"""Adds up how long the house waits for somebody outside, by listening to its HTTP."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock
from typing import Any
from unittest import mock

import httpx


@dataclass(slots=True)
class Waited:
    """Seconds between asking and having the whole answer, and how many calls it were."""

    seconds: float = 0.0
    calls: int = 0

    def since(self, before: Waited) -> Waited:
        """What came to it since ``before``."""
        return Waited(self.seconds - before.seconds, self.calls - before.calls)

    def now(self) -> Waited:
        """A copy that stays as it is."""
        return Waited(self.seconds, self.calls)


class _Timed(httpx.SyncByteStream):
    """An answer's body; the time that its bytes take to come is waiting too."""

    def __init__(self, stream: httpx.SyncByteStream, waited: Waited, lock: Lock) -> None:
        self._stream, self._waited, self._lock = stream, waited, lock

    def __iter__(self) -> Iterator[bytes]:
        pieces = iter(self._stream)
        while True:
            begin = time.perf_counter()
            piece = next(pieces, None)
            with self._lock:
                self._waited.seconds += time.perf_counter() - begin
            if piece is None:
                return
            yield piece

    def close(self) -> None:
        self._stream.close()


@contextlib.contextmanager
def listening() -> Iterator[Waited]:
    """Time every call that any client of this process makes until the block ends.

    The transport is what is timed: building the request and reading the answer's JSON are ours.
    """
    waited, lock = Waited(), Lock()
    original = httpx.HTTPTransport.handle_request

    def handle_request(self: Any, request: httpx.Request) -> httpx.Response:
        begin = time.perf_counter()
        try:
            answer = original(self, request)
        finally:
            with lock:
                waited.seconds += time.perf_counter() - begin
                waited.calls += 1
        assert isinstance(answer.stream, httpx.SyncByteStream)
        answer.stream = _Timed(answer.stream, waited, lock)
        return answer

    with mock.patch.object(httpx.HTTPTransport, "handle_request", handle_request):
        yield waited
