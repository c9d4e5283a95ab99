"""The invoice list beside a bare view of the same rows: processor time of web and database."""

from __future__ import annotations

import contextlib
import http.client
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

from benchmarks import house as houses
from benchmarks.books import Buyer
from benchmarks.figures import Figure, median
from benchmarks.house import HOST, House
from benchmarks.processes import family, processor_seconds, spent
from benchmarks.sizes import Sizes

_WARM = 40
_LIMITS = {
    "orm": "by the ORM, for nobody in particular",
    "person": "by the ORM, with a session and its person",
    "sql": "by SQL without the ORM, for nobody in particular",
}
_FACTS: dict[str, object] = {
    "in_ours": "host, session, person, account, walls, counts in tabs, filters, ticks, statuses,"
    " brand, locale, headers",
    "in_limit": "one query for the same fifty rows by a role that walls do not stop, one plain"
    " table, no middleware; same server, pool and template engine",
}


@dataclass(slots=True)
class Page:
    """One page of one server, and what a request to it cost, round by round, in milliseconds."""

    name: str
    server: int  # process id
    port: int
    backends: str  # what the database calls its connections
    path: str
    cookies: dict[str, str] = field(default_factory=dict)  # that a browser keeps, ours or theirs
    web: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)

    @property
    def both(self) -> list[float]:
        """Web and database together."""
        return [web + database for web, database in zip(self.web, self.database, strict=True)]


def measure(house: House, buyer: Buyer, query: Path, sizes: Sizes) -> Iterator[Figure]:
    """Ask both servers in turn, one request after the other, and compare the medians."""
    with (
        houses.web_server(house, workers=1) as (web, web_port),
        houses.bare_server(house, query=query, workers=1) as (bare, bare_port),
    ):
        theirs = urlencode({"organization": buyer.organization_id, "account": buyer.account_id})
        kept = {"session": buyer.session}
        ours = Page("list", web.process.pid, web_port, houses.WEB, "/invoices", kept)
        limits = [
            Page("orm", bare.process.pid, bare_port, houses.BARE, f"/orm?{theirs}"),
            Page(
                "person",
                bare.process.pid,
                bare_port,
                houses.BARE,
                f"/person?{theirs}",
                dict(kept),
            ),
            Page("sql", bare.process.pid, bare_port, houses.BARE, "/sql"),
        ]
        for page in (ours, *limits):
            _ask(page, _WARM)
        for _ in range(sizes.rounds):
            for page in (ours, *limits):
                _round(house, page, sizes.requests)
    by_orm, by_person, by_sql = limits
    # Signed in, as ours is: the bare page of the goal has a session and its user, and no more.
    yield _figure("invoice_list_cpu", ours, by_person, sizes, goal=1.6)
    yield _figure("invoice_list_cpu_against_nobodys_bare", ours, by_orm, sizes)
    yield _figure("invoice_list_cpu_against_raw_sql", ours, by_sql, sizes)


def _figure(
    name: str, ours: Page, limit: Page, sizes: Sizes, *, goal: float | None = None
) -> Figure:
    return Figure(
        figure=name,
        value=median(ours.both),
        limit=median(limit.both),
        limit_is=f"a bare view of the same rows, {_LIMITS[limit.name]}",
        goal=goal,
        unit="ms CPU per request (web + database)",
        facts={
            "web_ms": median(ours.web),
            "database_ms": median(ours.database),
            "limit_web_ms": median(limit.web),
            "limit_database_ms": median(limit.database),
            "rounds": [round(value, 2) for value in ours.both],
            "limit_rounds": [round(value, 2) for value in limit.both],
            "invoices": sizes.invoices,
            "buyer_open": sizes.buyer_open,
            "requests_a_round": sizes.requests,
            **_FACTS,
        },
    )


def _round(house: House, page: Page, requests: int) -> None:
    pids, backends = family(page.server), house.backends(page.backends)
    web, database = processor_seconds(pids), processor_seconds(backends)
    _ask(page, requests)
    pids, backends = family(page.server), house.backends(page.backends)
    page.web.append(1000 * spent(web, processor_seconds(pids)) / requests)
    page.database.append(1000 * spent(database, processor_seconds(backends)) / requests)


def _ask(page: Page, times: int) -> None:
    """Get the page over one connection that stays open, as a browser that keeps cookies does.

    Raises if it is not the list.
    """
    connection = http.client.HTTPConnection("127.0.0.1", page.port, timeout=30)
    with contextlib.closing(connection):
        for _ in range(times):
            cookies = "; ".join(f"{name}={value}" for name, value in page.cookies.items())
            headers = {"Host": HOST, "Cookie": cookies, "Accept-Language": "en-US"}
            connection.request("GET", page.path, headers=headers)
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != 200 or body.count(b"<tr") < 51:
                raise RuntimeError(f"{page.path} answered {answer.status}, no list of 50 rows")
            for line in answer.headers.get_all("Set-Cookie", []):
                page.cookies |= {each.key: each.value for each in SimpleCookie(line).values()}
