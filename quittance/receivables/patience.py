"""Waits when the ERP asks us to come back later; for long readings that nobody waits for."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from threading import Lock
from typing import Final, TypeVar

from quittance.core.errors import Unavailable

T = TypeVar("T")

_TRIES: Final = 8
_LONGEST_SECONDS: Final = 120.0  # asked for more, the reading ends and the clock begins it again
_TOO_MANY: Final = 429
_NO_ANSWERS: Final = 3
_NO_ANSWER_SECONDS: Final = 1.0


class Patience:
    """Shared by all who read at once: where one is told to wait, all wait."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._not_before = 0.0  # by the monotonic clock

    def ask(self, question: Callable[[], T]) -> T:
        """Ask, and again after a pause where the ERP says that there was too much at once.

        So, too, a few times, where no answer came: among thousands of pages a connection breaks.
        Any other failure is raised as it is.
        """
        tries = 0
        while True:
            self._wait()
            try:
                return question()
            except Unavailable as error:
                pause = _pause(error, tries)
                tries += 1
                if pause is None or tries == _TRIES:
                    raise
                with self._lock:
                    self._not_before = max(self._not_before, time.monotonic() + pause)

    def _wait(self) -> None:
        with self._lock:
            left = self._not_before - time.monotonic()
        if left > 0:
            time.sleep(left)


def _pause(error: Unavailable, tries: int) -> float | None:
    """How long to wait: what the ERP says, else longer each time; ``None`` for not at all."""
    told = error.retry_after_seconds
    if told is not None:
        return told if told <= _LONGEST_SECONDS else None
    if "status" not in error.facts:  # no answer came, or half of one
        return _NO_ANSWER_SECONDS if tries < _NO_ANSWERS else None
    if error.facts["status"] != _TOO_MANY:
        return None
    longer: float = 2.0**tries
    return longer * random.uniform(0.8, 1.2)  # noqa: S311 - no secret
