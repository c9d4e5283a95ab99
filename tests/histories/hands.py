"""Threads that are used again and again, each with a database connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection

# A waiting statement is ended by the scheduler, in its own time; nothing may end by the wall clock.
_PATIENT = (
    "SET lock_timeout = 0; SET statement_timeout = '120s';"
    " SET idle_in_transaction_session_timeout = 0"
)


class Hand(threading.Thread):
    """One thread. ``do`` gives it something to do; it connects once."""

    def __init__(self, hook: Callable[..., Any]) -> None:
        super().__init__(daemon=True)
        self._hook = hook
        self._go = threading.Lock()
        self._go.acquire()
        self._deed: Callable[[], None] | None = None
        self.pid = 0
        self.ready = threading.Event()
        self.start()
        self.ready.wait(60)

    def do(self, deed: Callable[[], None]) -> None:
        """Run ``deed`` in this thread, soon."""
        self._deed = deed
        self._go.release()

    def end(self) -> None:
        """Close the connection and end the thread."""
        self._deed = None
        self._go.release()
        self.join(10)

    def run(self) -> None:
        """Take one deed after the other."""
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute(_PATIENT)
        connection.execute_wrappers.append(self._hook)
        self.pid = connection.connection.info.backend_pid
        self.ready.set()
        while True:
            self._go.acquire()
            if self._deed is None:
                break
            self._deed()
        connection.close()


class Hands:
    """The threads that are free now."""

    def __init__(self, hook: Callable[..., Any]) -> None:
        self._hook = hook
        self._free: list[Hand] = []
        self._all: list[Hand] = []

    def take(self) -> Hand:
        """Return a free thread, or a new one."""
        if self._free:
            return self._free.pop()
        hand = Hand(self._hook)
        self._all.append(hand)
        return hand

    def give_back(self, hand: Hand) -> None:
        """The thread has nothing to do any more."""
        self._free.append(hand)

    def close(self) -> None:
        """End all threads."""
        for hand in self._all:
            hand.end()
        self._all.clear()
        self._free.clear()
