"""Has an answer come no sooner to who is unknown here, where the work cannot be the same."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_sooner_than(seconds: float) -> Iterator[None]:
    """Let what is inside take at least so long, whether it ends well or not.

    Choose several times what the longest way takes, and no transaction around it: it waits asleep.
    """
    until = time.monotonic() + seconds
    try:
        yield
    finally:
        time.sleep(max(0.0, until - time.monotonic()))
