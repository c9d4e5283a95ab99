"""What a browser must fetch for the list: the HTML, and at the first visit its CSS and JS."""

from __future__ import annotations

import gzip
import html
import re
from collections.abc import Iterator
from typing import Final

import httpx

from benchmarks import house as houses
from benchmarks.books import Buyer
from benchmarks.figures import Figure
from benchmarks.house import HOST, House

_KILO: Final = 1024
_LINKED: Final = re.compile(r'<link rel="stylesheet" href="([^"]+)"|<script src="([^"]+)"')


def measure(house: House, buyer: Buyer) -> Iterator[Figure]:
    """Fetch the list as a browser does and add up what came, compressed."""
    with (
        houses.web_server(house, workers=1) as (_, port),
        httpx.Client(
            base_url=f"http://127.0.0.1:{port}", trust_env=False,
            headers={"Host": HOST, "Accept-Encoding": "gzip"}, cookies={"session": buyer.session},
        ) as client,
    ):  # fmt: skip
        page = client.get("/invoices").raise_for_status()
        names = [html.unescape(css or js) for css, js in _LINKED.findall(page.text)]
        files = {name: _bytes_of(client, name) for name in names}
    yield _figure("list_html_weight", len(gzip.compress(page.content, 6)), 60)
    yield _figure("first_visit_weight", sum(files.values()), 100, files=files)


def _bytes_of(client: httpx.Client, address: str) -> int:
    """What comes over the wire; what is sent plain is counted as a proxy would compress it."""
    with client.stream("GET", address) as answer:
        answer.raise_for_status()
        raw = b"".join(answer.iter_raw())
        packed = answer.headers.get("Content-Encoding") == "gzip"
    return len(raw) if packed else len(gzip.compress(raw, 6))


def _figure(name: str, found: int, goal_kilobytes: int, **facts: object) -> Figure:
    return Figure(
        figure=name,
        value=found / _KILO,
        limit=goal_kilobytes,
        limit_is="the goal itself",
        goal=1.0,
        unit="KB gz, fonts and icons not counted",
        facts=facts,
    )
