"""The proxy carries well in fine weather, and each kind of bad weather as it is named."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random

import pytest

from demo.ports import HOST
from tests.chaos.proxy import Loop, Proxy

ANSWER = b"thank you " * 100


@dataclass
class Path:
    """A server, what it was asked, and the proxy before it."""

    proxy: Proxy
    loop: Loop
    asked: list[bytes] = field(default_factory=list)

    def weather(self, kind: str, often: float = 1) -> None:
        self.loop.do(self.proxy.change(kind, often))

    def post(self, seconds: float = 3) -> bytes:
        connection = http.client.HTTPConnection(HOST, self.proxy.port, timeout=seconds)
        try:
            connection.request("POST", "/", body=b"please")
            return connection.getresponse().read()
        finally:
            connection.close()


@pytest.fixture
def path() -> Iterator[Path]:
    asked: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", str(len(ANSWER)))
            self.end_headers()
            self.wfile.write(ANSWER)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer((HOST, 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    loop = Loop()
    proxy = Proxy("test", server.server_address[1], Random(1))
    loop.do(proxy.open())
    yield Path(proxy, loop, asked)
    loop.do(proxy.close())
    loop.stop()
    server.shutdown()
    server.server_close()


def test_in_fine_weather_everything_arrives(path: Path) -> None:
    assert [path.post() for _ in range(5)] == [ANSWER] * 5
    assert path.asked == [b"please"] * 5


def test_a_lost_request_is_not_done(path: Path) -> None:
    path.weather("lose_request")

    with pytest.raises((ConnectionError, http.client.HTTPException)):
        path.post()
    path.weather("")
    assert path.asked == []
    assert path.post() == ANSWER


@pytest.mark.parametrize("weather", ["lose_answer", "cut_answer", "half_close"])
def test_a_lost_answer_was_done(path: Path, weather: str) -> None:
    path.weather(weather)

    try:
        answer = path.post()
    except (ConnectionError, http.client.HTTPException):
        answer = b""

    assert answer != ANSWER
    assert path.asked == [b"please"]
    assert path.proxy.done[weather] >= 1


def test_a_black_hole_swallows_and_gives_nothing_back_later(path: Path) -> None:
    path.weather("black_hole")

    with pytest.raises(TimeoutError):
        path.post(seconds=1)
    path.weather("")
    assert path.post() == ANSWER
    assert path.asked == [b"please"]  # of the second call


def test_refused_means_that_nobody_listens(path: Path) -> None:
    path.weather("refuse")

    with pytest.raises(ConnectionRefusedError):
        path.post()
    path.weather("")
    assert path.post() == ANSWER


def test_a_repeated_request_is_done_twice_and_answered_once(path: Path) -> None:
    path.weather("repeat")

    assert path.post() == ANSWER
    deadline = time.monotonic() + 20
    while len(path.asked) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert path.asked == [b"please", b"please"]
