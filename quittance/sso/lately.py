"""Remembers for a while what a provider said of itself, so that not every visitor has it asked."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Final, Generic, TypeVar

from quittance.core.errors import OutsideError, Unavailable

T = TypeVar("T")
GOOD_FOR_SECONDS: Final = 600.0
WAITS_SECONDS: Final = 1.0  # of who comes while another asks
SILENT_FOR_SECONDS: Final = 10.0  # so long who did not answer is not asked again


@dataclass
class _Said(Generic[T]):
    lock: Lock = field(default_factory=Lock)
    what: T | None = None  # None: it did not answer
    at: float = float("-inf")  # of a clock that only goes on


class Lately(Generic[T]):
    """What was said lately, by address; each web process remembers for itself.

    One thread asks at a time; whoever comes meanwhile waits a second for it and gets the same, else
    what was said before. So a stranger who begins a thousand sign-ins has a provider asked once,
    and one that is slow or silent keeps one thread.
    """

    def __init__(self) -> None:
        self._said: dict[str, _Said[T]] = {}
        self._lock = Lock()

    def of(self, address: str, ask: Callable[[], T], *, within: float = GOOD_FOR_SECONDS) -> T:
        """Return what was said ``within`` these seconds, else ask.

        Raises what ``ask`` raises, and ``Unavailable`` for one that did not answer just now or is
        still being asked by another.
        """
        with self._lock:
            said = self._said.setdefault(address, _Said())
        if not said.lock.acquire(timeout=WAITS_SECONDS):
            before = said.what
            if before is None:
                raise Unavailable("It takes long to answer somebody else.")
            return before
        try:
            age = time.monotonic() - said.at
            if said.what is not None and age < within:
                return said.what
            if said.what is None and age < SILENT_FOR_SECONDS:
                raise Unavailable("It did not answer as agreed just now.")
            try:
                said.what = ask()
            except OutsideError:
                said.what = None
                raise
            finally:
                said.at = time.monotonic()
            return said.what
        finally:
            said.lock.release()

    def forget(self) -> None:
        """Remember nothing."""
        with self._lock:
            self._said.clear()
