"""A worker that is told to end ends, also when its database goes away at that very moment."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from demo.ports import HOST, free_port
from tests.jobs.test_finish import _workers, owner, wait, worker

pytestmark = [pytest.mark.slow, pytest.mark.failure("F50", "F52")]
ENDS_WITHIN_SECONDS = 60  # it gives itself 25, and the machine may be slow


@dataclass
class Line:
    """The way to the database, which can be cut: closed, or so that nothing is heard any more."""

    port: int
    real: int
    listener: socket.socket
    silent: threading.Event = field(default_factory=threading.Event)
    ends: list[socket.socket] = field(default_factory=list)

    def run(self) -> None:
        """Take connections until the listener is closed."""
        with suppress(OSError):
            while True:
                here, _ = self.listener.accept()
                there = socket.create_connection((HOST, self.real))
                self.ends += [here, there]
                for one, other in ((here, there), (there, here)):
                    threading.Thread(target=self._pump, args=(one, other), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if self.silent.is_set():
                    return  # it stays open, and nobody answers
                target.sendall(data)

    def close(self) -> None:
        """Close every connection at once, and take no new ones."""
        for each in (self.listener, *self.ends):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


@pytest.fixture
def lines(database: None) -> Iterator[tuple[Line, Line]]:
    """Two ways to the database, for a worker each."""
    real = int(os.environ["DATABASE_URL"].rpartition("@")[2].split(":")[1].split("/")[0])
    ports = free_port(), free_port()
    first, second = (Line(port, real, socket.create_server((HOST, port))) for port in ports)
    threads = [threading.Thread(target=each.run) for each in (first, second)]
    for thread in threads:
        thread.start()
    yield first, second
    for each in (first, second):
        each.close()
    for thread in threads:
        thread.join()


def test_workers_whose_connections_are_cut_at_the_signal_end_all_the_same(
    lines: tuple[Line, Line],
) -> None:
    closed, silent = lines
    addresses = [
        os.environ["DATABASE_URL"].replace(f":{each.real}/", f":{each.port}/") for each in lines
    ]
    with owner() as admin:
        admin.execute("DELETE FROM procrastinate_workers")
        with worker(addresses[0]) as one, worker(addresses[1]) as two:
            wait(lambda: len(_workers(admin)) == 2)

            closed.close()
            silent.silent.set()
            for process in (one, two):
                process.send_signal(signal.SIGTERM)

            assert one.wait(ENDS_WITHIN_SECONDS) is not None
            assert two.wait(ENDS_WITHIN_SECONDS) is not None
