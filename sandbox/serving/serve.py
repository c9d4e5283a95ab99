"""Runs several applications and one background task in a process, until it is asked to end."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

from sandbox.serving.connections import TrackedProtocol


class _Server(uvicorn.Server):
    """A server that leaves the signals to us, because there are several of them."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture nothing."""
        yield


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; a port of 0 takes a free one. Raises ``OSError`` naming it."""
    try:
        listener = socket.create_server((host, port), backlog=512)
    except OSError as error:
        raise OSError(error.errno, f"{host}:{port}: {error.strerror}") from error
    # Without this every answer waits 40 ms for the caller's delayed acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def serve(
    apps: Mapping[socket.socket, Starlette], work: Coroutine[object, object, None], *, ready: str
) -> None:
    """Serve until SIGTERM or Ctrl-C, or until ``work`` ends; ``ready`` is printed when all do."""
    asyncio.run(_serve(apps, work, ready))


async def _serve(
    apps: Mapping[socket.socket, Starlette], work: Coroutine[object, object, None], ready: str
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    servers = {listener: _Server(_config(app)) for listener, app in apps.items()}
    tasks = [
        asyncio.create_task(server.serve(sockets=[listener]))
        for listener, server in servers.items()
    ]
    while not all(server.started for server in servers.values()):
        await asyncio.sleep(0.01)
    working = asyncio.create_task(work)
    working.add_done_callback(lambda _: stop.set())
    print(ready, flush=True)
    await stop.wait()
    for server in servers.values():
        server.should_exit = True
    await asyncio.gather(*tasks)
    working.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working


def _config(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=TrackedProtocol,
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
