"""The part that is tried over HTTP: the web server of production, as a proxy would ask it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Final

import httpx
from django.conf import settings

from demo.ports import HOST, answers_http, free_port
from tests.intruder.crawl import Crawl
from tests.intruder.judge import judge
from tests.intruder.knock import Answer, Visitor

_ROOT: Final = Path(__file__).parents[2]
_START_SECONDS: Final = 120
# What no program that speaks HTTP sends. Each is answered in words or not at all, and never by a
# page of ours that broke.
_MALFORMED: Final = (
    b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/9.9\r\nHost: {h}\r\n\r\n",
    b"GET /%00 HTTP/1.1\r\nHost: {h}\r\n\r\n", b"GET /%ff%fe HTTP/1.1\r\nHost: {h}\r\n\r\n",
    b"GET http://evil.example/ HTTP/1.1\r\nHost: {h}\r\n\r\n",
    b"GET /sign-in HTTP/1.1\r\nHost: {h}\r\nHost: evil.example\r\n\r\n",
    b"POST /sign-in HTTP/1.1\r\nHost: {h}\r\nContent-Length: -1\r\n\r\n",
    b"POST /sign-in HTTP/1.1\r\nHost: {h}\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
    b"POST /pay HTTP/1.1\r\nHost: {h}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0",
    b"GET /sign-in HTTP/1.1\r\nHost: {h}\r\nCookie: __Host-session=\xff\xfe; a=b; ;;=\r\n\r\n",
    b"GET /sign-in HTTP/1.1\r\nHost: {h}\r\nAccept-Language: \xff" + b"de," * 900 + b"\r\n\r\n",
    b"GET /static/../../quittance/project/settings.py HTTP/1.1\r\nHost: {h}\r\n\r\n",
    b"GET /static/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: {h}\r\n\r\n",
    b"TRACE /sign-in HTTP/1.1\r\nHost: {h}\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n",
    b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: {h}\r\n\r\n",
)  # fmt: skip


def walk(crawl: Crawl, folder: Path) -> int:
    """Ask every page over HTTP as three people, and what no browser sends; return how many."""
    with _served(folder) as port, httpx.Client(trust_env=False, timeout=60) as client:
        count = 0
        for name in ("anonymous", "buyer", "administrator"):
            visitor = next(each for each in crawl.people if each.name == name)
            for method in ("GET", "HEAD"):
                for where, address in _addresses(crawl, visitor):
                    answer = _ask(client, port, visitor, method, address)
                    count += 1
                    crawl.answers[answer.status] += 1
                    for wrong in judge(answer, visitor, crawl.world.canaries, address):
                        what, _, detail = wrong.partition(": ")
                        crawl.world.findings.add(f"{what} by http", f"{method} {where}", detail)
        for raw in _MALFORMED:
            count += 1
            said = _raw(port, raw.replace(b"{h}", visitor.seller.host.encode()))
            if b" 500 " in said[:20] or b"Traceback" in said or b"root:" in said:
                crawl.world.findings.add("by http", "malformed", repr((raw[:90], said[:300])))
    crawl.world.requests += count
    return count


def _addresses(crawl: Crawl, visitor: Visitor) -> Iterator[tuple[str, str]]:
    account = visitor.account or visitor.seller.accounts[0]
    for route in crawl.routes:
        if route.name != "portal:sign_out":
            yield route.name, route.address(visitor.seller, account)
    for file in sorted(Path(settings.STATIC_ROOT).rglob("*"))[:40]:
        if file.is_file() and file.suffix in {".css", ".js", ".svg", ".woff2"}:
            yield "static", f"/static/{file.relative_to(settings.STATIC_ROOT)}"
    yield from (("nothing", each) for each in ("/static/no.css", "/.env", "/admin/", "/health"))


def _ask(client: httpx.Client, port: int, visitor: Visitor, method: str, address: str) -> Answer:
    cookies = f"{settings.SESSION_COOKIE_NAME}={visitor.key}" if visitor.key else ""
    said = {"host": visitor.seller.host, "x-forwarded-proto": "https", "cookie": cookies,
            "x-forwarded-for": "192.0.2.9"}  # fmt: skip
    answer = client.request(method, f"http://{HOST}:{port}{address}", headers=said)
    jar: SimpleCookie = SimpleCookie()
    for line in answer.headers.get_list("set-cookie"):
        jar.load(line)
    headers = {name.title(): value for name, value in answer.headers.items()}
    return Answer(answer.status_code, headers, jar, answer.content)


def _raw(port: int, said: bytes) -> bytes:
    with socket.create_connection((HOST, port), timeout=20) as connection:
        connection.settimeout(5)
        try:
            connection.sendall(said)
            connection.shutdown(socket.SHUT_WR)
            return connection.recv(65536)
        except OSError:
            return b""


@contextmanager
def _served(folder: Path) -> Iterator[int]:
    port = free_port()
    with (folder / "serve.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "quittance", "serve", "--port", str(port), "--workers", "1"],
            cwd=_ROOT, env={**os.environ}, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            until = time.monotonic() + _START_SECONDS
            while not answers_http(port, "/"):
                if server.poll() is not None or time.monotonic() > until:
                    raise RuntimeError((folder / "serve.log").read_text()[-2000:])
                time.sleep(0.2)
            yield port
        finally:
            server.terminate()
            server.wait()
