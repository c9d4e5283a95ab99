"""Runs the listeners in one process and ends them cleanly on SIGTERM or Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator, Sequence

import uvicorn
from starlette.types import ASGIApp


class _Server(uvicorn.Server):
    """A server that leaves the signals to ``run``: there are two of them."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(host: str, port: int) -> socket.socket:
    """Take a port. Raises ``OSError`` when another program has it."""
    # The protocol is named so that asyncio sets TCP_NODELAY: else every answer waits 40 ms.
    taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
    except OSError:
        taken.close()
        raise
    return taken


def run(
    listeners: Sequence[tuple[ASGIApp, socket.socket]], *, ready: Callable[[], None], log: bool
) -> None:
    """Serve until a signal comes; ``ready`` is called once all listeners answer."""
    asyncio.run(_run(listeners, ready=ready, log=log))


async def _run(
    listeners: Sequence[tuple[ASGIApp, socket.socket]], *, ready: Callable[[], None], log: bool
) -> None:
    servers = [
        _Server(
            uvicorn.Config(
                app,
                http="h11",
                ws="none",
                lifespan="off",
                access_log=log,
                log_level="info" if log else "error",
                timeout_graceful_shutdown=3,
                server_header=False,
                proxy_headers=False,
            )
        )
        for app, _ in listeners
    ]

    def stop() -> None:
        for server in servers:
            server.should_exit = True

    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop)
    serving = [
        asyncio.create_task(server.serve(sockets=[taken]))
        for server, (_, taken) in zip(servers, listeners, strict=True)
    ]
    while not all(server.started for server in servers):
        await asyncio.sleep(0.01)
    ready()
    await asyncio.gather(*serving)
