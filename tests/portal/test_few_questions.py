"""The page of an invoice asks the database a handful of questions, and for what there is only."""

from __future__ import annotations

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.disputes.quarrels import disputed, person
from tests.portal.doors import Door, begin_checkout, confirm


def questions(client: Client, address: str) -> list[str]:
    """What a page asks when it is opened again; not what tells for whom a transaction works."""
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    selects = [each["sql"] for each in asked if each["sql"].lstrip("(").startswith("SELECT")]
    return [each for each in selects if "set_config" not in each]


def test_an_invoice_asks_only_for_what_there_is_about_it(door: Door) -> None:
    untouched, under_way, quarrelled = (door.ground.bill("250.00") for _ in range(3))
    client = door.buyer()
    for invoice in (under_way, quarrelled):
        confirm(client, begin_checkout(client, invoice))
    disputed(quarrelled, person())

    counts = [
        len(questions(client, f"/invoices/{each.pk}"))
        for each in (untouched, under_way, quarrelled)
    ]

    assert [3 < count <= most for count, most in zip(counts, (5, 8, 11), strict=True)] == [
        True, True, True,
    ], counts  # fmt: skip
