"""Have several people do the same thing at the same moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from threading import Barrier
from typing import TypeVar

from django.db import connections

T = TypeVar("T")


def all_at_once(*deeds: Callable[[], T]) -> Sequence[T | Exception]:
    """Run each deed in a thread with its own database connection; return what each one gave.

    The scope of the caller goes into every thread. An exception is a result like any other.
    """
    barrier = Barrier(len(deeds))

    def run(deed: Callable[[], T]) -> T | Exception:
        barrier.wait(30)
        try:
            return deed()
        except Exception as error:  # noqa: BLE001 - it is what the test looks at
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(deeds)) as threads:
        started = [threads.submit(copy_context().run, run, deed) for deed in deeds]
        return [each.result(timeout=120) for each in started]
