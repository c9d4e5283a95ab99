"""A page asks the database few things, and no more of them when it shows more."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test import Client

from tests.ground import Ground
from tests.portal.doors import Door


def _statements(client: Client, path: str) -> list[str]:
    """What a page sends, opened for the second time: the first one fills what is remembered."""
    client.get(path)
    sent: list[str] = []

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        sent.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        assert client.get(path).status_code == 200
    return sent


def test_an_invoice_is_read_in_one_transaction(ground: Ground, door: Door) -> None:
    invoice = ground.bill("250.00")

    sent = _statements(door.buyer(), f"/invoices/{invoice.pk}")

    assert sum("set_config" in sql for sql in sent) == 2  # whose page it is, and the page
    assert len(sent) <= 11


def test_the_list_asks_eight_things_however_many_rows_it_shows(ground: Ground, door: Door) -> None:
    client = door.buyer()
    ground.bill("10.00")
    few = _statements(client, "/invoices")
    for _ in range(3):
        ground.bill("20.00")

    assert len(_statements(client, "/invoices")) == len(few) <= 8
