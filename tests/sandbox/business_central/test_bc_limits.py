"""What the service refuses when it is asked too much or takes too long."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from sandbox.business_central import limits
from sandbox.business_central.launch import Running
from tests.sandbox.business_central.bc_company import Books

POST = "POST .*Microsoft.NAV.post"


@pytest.fixture
def limited(books: Books) -> Iterator[Callable[..., None]]:
    """Set limits for one test; the clock stands still at the end as well."""
    before = books.control.get("/limits").json()

    def change(**given: float) -> None:
        assert books.control.post("/limits", json=given).status_code == 200

    yield change
    books.control.post("/limits", json=before)
    books.control.post("/clock", json={"seconds": 0})


def at_once(books: Books, count: int) -> list[int]:
    """Ask so often at the same time."""

    def ask(_: int) -> int:
        return books.ask("GET", "currencies").status_code

    with ThreadPoolExecutor(count) as pool:
        return sorted(pool.map(ask, range(count)))


def line(books: Books) -> tuple[Any, str]:
    batch = books.batch()
    return batch, str(books.line(batch, books.invoice(), "-10")["documentNumber"])


def test_the_service_has_these_limits() -> None:
    facts = limits.LIKE_THE_SERVICE
    assert (facts["rate"], facts["window"]) == (6000, 300)
    assert (facts["concurrent"], facts["queue"]) == (5, 95)
    assert (facts["operation_timeout"], facts["gateway_timeout"]) == (8 * 60, 10 * 60)


def test_they_can_be_switched_on_at_the_start(bc_start: Callable[..., Running]) -> None:
    running = bc_start(like_the_service=True)
    shown = httpx.get(f"{running.control_url}/limits").json()
    assert {name: shown[name] for name in limits.LIKE_THE_SERVICE} == limits.LIKE_THE_SERVICE


def test_above_the_rate_is_429_until_the_window_has_slid(
    books: Books, limited: Callable[..., None]
) -> None:
    limited(rate=3)
    found = [books.ask("GET", "currencies") for _ in range(4)]
    assert [each.status_code for each in found] == [200, 200, 200, 429]
    assert "retry-after" not in found[-1].headers
    assert found[-1].headers["content-type"] == "text/plain"
    books.control.post("/clock", json={"seconds": 301})
    assert books.ask("GET", "currencies").status_code == 200


def test_a_429_may_say_when_to_come_back(books: Books, limited: Callable[..., None]) -> None:
    limited(rate=1, retry_after=7)
    found = [books.ask("GET", "currencies") for _ in range(2)]
    assert [each.headers.get("retry-after") for each in found] == [None, "7"]


def test_each_application_is_a_user_of_its_own_and_tokens_are_free(
    books: Books, limited: Callable[..., None]
) -> None:
    limited(rate=1)
    reader = Books(books.running, client_id="44444444-4444-4444-4444-444444444444")
    found = [books.ask("GET", "currencies").status_code for _ in range(2)]
    assert [*found, reader.ask("GET", "currencies").status_code] == [200, 429, 200]
    reader.close()


def test_beyond_the_queue_is_429_and_the_others_wait(
    books: Books, limited: Callable[..., None]
) -> None:
    limited(concurrent=1, queue=2)
    books.fault(match="GET .*currencies", kind="delay", seconds=1.5, times=0)
    assert at_once(books, 5) == [200, 200, 200, 429, 429]


def test_who_waits_too_long_gets_503_and_when_to_come_back(
    books: Books, limited: Callable[..., None]
) -> None:
    limited(concurrent=1, queue_timeout=0.1)
    books.fault(match="GET .*currencies", kind="delay", seconds=2, times=0)
    assert at_once(books, 2) == [200, 503]


def test_a_long_operation_is_cancelled_with_408_and_does_nothing(
    books: Books, limited: Callable[..., None]
) -> None:
    batch, number = line(books)
    books.fault(match=POST, kind="delay", seconds=60)
    limited(operation_timeout=0.2)
    assert books.post_batch(batch).status_code == 408
    limited(operation_timeout=0)
    assert books.ledger(number) == []
    assert books.post_batch(batch).status_code == 204


def test_what_had_committed_before_it_was_cancelled_stays(
    books: Books, limited: Callable[..., None]
) -> None:
    batch, number = line(books)
    books.fault(match=POST, kind="delay_after", seconds=60)
    limited(operation_timeout=1)
    assert books.post_batch(batch).status_code == 408
    assert len(books.ledger(number)) == 1


def test_the_gateway_gives_up_and_the_server_posts_all_the_same(
    books: Books, limited: Callable[..., None]
) -> None:
    batch, number = line(books)
    books.fault(match=POST, kind="delay", seconds=3)
    limited(gateway_timeout=0.2)
    assert books.post_batch(batch).status_code == 504
    assert books.ledger(number) == []
    deadline = time.monotonic() + 20
    while not books.ledger(number) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(books.ledger(number)) == 1


def test_a_limit_that_does_not_exist_is_told(books: Books) -> None:
    answer = books.control.post("/limits", json={"patience": 1})
    assert answer.status_code == 400
    assert "There is no limit 'patience'" in answer.json()["error"]
