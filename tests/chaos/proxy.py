"""A TCP proxy that carries bytes well until it is told to carry them badly.

It stands before PostgreSQL, the gateway and the ERP. ``repeat`` is the network box that resends: a
whole recorded HTTP request goes to the server once more, and that answer is thrown away.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import struct
import threading
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from demo.ports import HOST

_CHUNK: Final = 65536
_LATEST: Final = 1.5  # seconds that ``delay`` and ``repeat`` take at most, for one piece
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_WORKING_METHODS: Final = (b"GET ", b"POST ", b"PATCH ", b"DELETE ", b"PUT ")


class _Broken(Exception):
    """This connection is to be broken off now."""


@dataclass(slots=True, eq=False)
class _Carried:
    """One connection through the proxy."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter
    request: bytes = b""  # since the last answer, as far as it came
    lose_answer: bool = False
    muffled: bool = False  # the near side got its end already; the far side may go on talking


@dataclass(slots=True)
class Proxy:
    """One listener and the server behind it. ``target`` may change: a restart takes a new port."""

    name: str
    target: int
    random: Random
    port: int = 0
    weather: str = ""  # "" is fine weather; else one of ``plan.WEATHERS``
    often: float = 0
    done: Counter[str] = field(default_factory=Counter)  # how often each fault really struck
    _server: asyncio.Server | None = None
    _alive: set[_Carried] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def open(self) -> None:
        """Listen, on the same port as before if there was one."""
        if self._server is None:
            self._server = await asyncio.start_server(self._carry, HOST, self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def change(self, weather: str, often: float) -> None:
        """Change the weather. After a black hole nothing that was swallowed comes out again."""
        if self.weather == "black_hole":
            self.break_all()
        self.weather, self.often = weather, often
        if weather != "refuse":
            await self.open()
        elif self._server is not None:
            self._server.close()
            self._server = None
            self.break_all()

    def break_all(self) -> None:
        """Reset every connection."""
        for each in list(self._alive):
            _reset(each.near)
            _reset(each.far)

    async def close(self) -> None:
        """Stop for good."""
        if self._server is not None:
            self._server.close()
        self.break_all()

    async def _carry(self, reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        try:
            far_reader, far = await asyncio.open_connection(HOST, self.target)
        except OSError:
            _reset(near)
            return
        carried = _Carried(near, far)
        self._alive.add(carried)
        try:
            await asyncio.gather(
                self._to_server(reader, carried), self._to_client(far_reader, carried)
            )
        except (OSError, _Broken):
            pass
        finally:
            self._alive.discard(carried)
            for writer in (near, far):
                _reset(writer)

    async def _to_server(self, reader: asyncio.StreamReader, carried: _Carried) -> None:
        while chunk := await reader.read(_CHUNK):
            begins, carried.request = not carried.request, carried.request + chunk
            if await self._swallowed():
                continue
            if begins and self._strikes("lose_request"):
                raise _Broken
            if begins and self._strikes("lose_answer"):
                carried.lose_answer = True
            carried.far.write(chunk)
            await carried.far.drain()
            self._perhaps_repeat(carried.request)
        with contextlib.suppress(OSError):
            carried.far.write_eof()

    async def _to_client(self, reader: asyncio.StreamReader, carried: _Carried) -> None:
        while chunk := await reader.read(_CHUNK):
            carried.request = b""
            if await self._swallowed() or carried.muffled:
                continue
            if carried.lose_answer:
                raise _Broken
            if self._strikes("cut_answer"):
                carried.near.write(chunk[: len(chunk) // 2])
                await carried.near.drain()
                raise _Broken
            if self._strikes("half_close"):
                carried.near.write(chunk[: len(chunk) // 2])
                carried.near.write_eof()
                carried.muffled = True
                continue
            carried.near.write(chunk)
            await carried.near.drain()
        raise _Broken  # the server has ended it

    async def _swallowed(self) -> bool:
        if self.weather == "black_hole":
            self.done["black_hole"] += 1
            return True
        if self._strikes("delay"):
            await asyncio.sleep(self.random.uniform(0.05, _LATEST))
        return False

    def _strikes(self, weather: str) -> bool:
        if self.weather != weather or self.random.random() >= self.often:
            return False
        self.done[weather] += 1
        return True

    def _perhaps_repeat(self, request: bytes) -> None:
        if self.weather == "repeat" and _is_whole(request) and self._strikes("repeat"):
            task = asyncio.create_task(self._repeat(request))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _repeat(self, request: bytes) -> None:
        """Send a request once more, on a connection of its own; nobody reads the answer."""
        await asyncio.sleep(self.random.uniform(0, _LATEST))
        with contextlib.suppress(OSError, TimeoutError):
            reader, writer = await asyncio.open_connection(HOST, self.target)
            writer.write(request)
            await asyncio.wait_for(reader.read(_CHUNK), 10)
            writer.close()


def _is_whole(request: bytes) -> bool:
    head, found, body = request.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    wanted = int(length[1]) if length else 0
    return bool(found) and head.startswith(_WORKING_METHODS) and len(body) == wanted


def _reset(writer: asyncio.StreamWriter) -> None:
    """Break a connection off so that the other end notices: RST, not a polite end."""
    taken: socket.socket | None = writer.get_extra_info("socket")
    if taken is not None and taken.fileno() >= 0:
        with contextlib.suppress(OSError):
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class Loop:
    """An event loop in a thread of its own, for the proxies."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def do(self, act: Coroutine[Any, Any, None]) -> None:
        """Run it there and wait for its end."""
        asyncio.run_coroutine_threadsafe(act, self._loop).result(30)

    def stop(self) -> None:
        """End the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
