"""The visitor sends what a browser would send."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl

import pytest

from demo.first_road import _minor, _typed
from demo.visitor import Unexpected, Visitor

PAGE = """
<h1>Pay</h1><a href="/receipt.pdf?a=1&amp;b=2">PDF</a><script>var hidden = 1</script>
<form method="post" action="/sent">
  <input type="hidden" name="token" value="t&amp;1">
  <input type="checkbox" name="invoice" value="1" checked>
  <input type="checkbox" name="invoice" value="2">
  <input type="checkbox" name="invoice" value="3" disabled checked>
  <input type="text" name="locked" value="x" disabled>
  <select name="reason"><option value="a">A</option><option value="b" selected>B</option></select>
  <select name="first"><option value="c">C</option><option value="d">D</option></select>
  <button type="submit" name="pay" value="USD">Pay</button>
</form>
"""


class Echo(BaseHTTPRequestHandler):
    """Shows the page, sets a cookie, and answers a form with what it got."""

    def do_GET(self) -> None:
        self.send_response(404 if self.path == "/gone" else 200)
        self.send_header("Set-Cookie", "seen=yes; Path=/")
        self.end_headers()
        self.wfile.write(PAGE.encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(
            f"{parse_qsl(body)} {self.headers['Cookie']} {self.headers['Host']}".encode()
        )

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://shop.localhost:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def visitor() -> Iterator[Visitor]:
    person = Visitor()
    yield person
    person.close()


def test_a_form_is_sent_as_it_stands(visitor: Visitor, address: str) -> None:
    visitor.open(address)
    visitor.submit(visitor.form_with("token"))

    assert visitor.text.startswith(
        "[('token', 't&1'), ('invoice', '1'), ('reason', 'b'), ('first', 'c')] seen=yes shop."
    )


def test_changes_replace_what_stood_there(visitor: Visitor, address: str) -> None:
    visitor.open(address)
    visitor.submit(visitor.form_with("token", "pay"), [("invoice", "2"), ("pay", "USD")])

    assert "('invoice', '2')" in visitor.text
    assert "('invoice', '1')" not in visitor.text
    assert "('pay', 'USD')" in visitor.text


def test_words_and_links_are_read(visitor: Visitor, address: str) -> None:
    visitor.open(address)

    assert visitor.text.startswith("Pay PDF A B")
    assert visitor.links(r"\.pdf") == ["/receipt.pdf?a=1&b=2"]


def test_an_error_page_stops_the_visit(visitor: Visitor, address: str) -> None:
    with pytest.raises(Unexpected, match="answered 404"):
        visitor.open(f"{address}gone")


def test_a_missing_form_is_named(visitor: Visitor, address: str) -> None:
    visitor.open(address)

    with pytest.raises(Unexpected, match="has no form with password"):
        visitor.form_with("password")


@pytest.mark.parametrize(
    ("text", "digits", "point", "minor"),
    [
        ("1,234.56", 2, ".", 123456),
        ("1234.5", 2, ".", 123450),
        ("7", 2, ".", 700),
        ("1.234,56", 2, ",", 123456),
        ("1,234", 0, ".", 1234),
        ("0.05", 2, ".", 5),
    ],
)
def test_an_amount_on_a_page_is_read(text: str, digits: int, point: str, minor: int) -> None:
    assert _minor(text, digits=digits, point=point) == minor
    typed = _typed(minor, digits=digits, point=point)
    assert _minor(typed, digits=digits, point=point) == minor
