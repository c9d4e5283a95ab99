"""Whatever is broken in the books is seen by the view that is there for it, and said in words."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from quittance.reconciliation.books import read_books
from quittance.reconciliation.catalogue import CATALOGUE, Sort
from quittance.reconciliation.checking import NOW, check
from quittance.reconciliation.raising import PREFIX
from quittance.reconciliation.words import sentence_of
from quittance.tenancy.rows import reading
from tests.conftest import DATABASE
from tests.ground import Ground, World, make_ground
from tests.reconciliation.broken import BREAKS, reversal

Found = list[dict[str, Any]]


@dataclass
class Stage:
    """An organization with one payment all the way, of 75.00 for an invoice of 100.00."""

    ground: Ground
    ids: dict[str, UUID]

    def after(self, broken: list[str], key: str) -> Found:
        """What the view says after this was done; it is undone at once."""
        with psycopg.connect(_superuser(), row_factory=psycopg.rows.dict_row) as connection:
            try:
                connection.execute("SET LOCAL session_replication_role = replica")
                for statement in broken:
                    done = connection.execute(statement.encode(), self.ids)
                    assert done.rowcount > 0, statement
                return self._seen(connection, key)
            finally:
                connection.rollback()

    def _seen(self, connection: psycopg.Connection[dict[str, Any]], key: str) -> Found:
        connection.execute("SET LOCAL ROLE quittance_app")  # behind the walls, as in production
        connection.execute(
            "SELECT set_config('quittance.organization', %s, true),"
            " set_config('quittance.customer_accounts', '*', true)",
            [str(self.ground.organization_id)],
        )
        view = sql.Identifier(f"{PREFIX}{key}")
        return connection.execute(sql.SQL("SELECT * FROM {}").format(view)).fetchall()


def _superuser() -> str:
    return urlsplit(os.environ["QUITTANCE_TEST_ADMIN"])._replace(path=f"/{DATABASE}").geturl()


@pytest.fixture(scope="module")
def stage(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    from quittance.connections.open import close_adapters
    from sandbox.gateway.launch import start_gateway

    with start_gateway(tmp_path_factory.mktemp("broken") / "gateway") as gateway:
        own = World(erp=world.erp, gateway=gateway)
        with make_ground(own) as ground:
            yield _stage(ground)
        close_adapters()
        own.client.close()


def _stage(ground: Ground) -> Stage:
    invoice = ground.bill("100.00")
    payment = ground.paid((invoice, "75.00"))
    read_books(ground.gateway_account_id)
    with reading():
        attempt = payment.attempts.get()
    return Stage(
        ground,
        {
            "organization": ground.organization_id, "payment": payment.pk, "attempt": attempt.pk,
            "invoice": invoice.pk,
        },
    )  # fmt: skip


def test_every_view_is_broken_by_somebody() -> None:
    assert {key for key, _ in BREAKS.values()} == set(CATALOGUE)


def test_before_anything_is_broken_nothing_is_found(stage: Stage) -> None:
    assert check(older_than=NOW, sorts=[Sort.NEVER, Sort.NOT_FOR_LONG]) == []


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_broken_is_found_and_said_in_words(stage: Stage, name: str) -> None:
    key, broken = BREAKS[name]

    found = stage.after(broken, key)

    assert found
    for row in found:
        words = sentence_of(
            key, row["facts"], amount_minor=row["amount_minor"], currency=row["currency"] or ""
        )
        assert "—" not in words, words
        assert row["organization_id"] == stage.ground.organization_id


def test_a_refund_of_ours_on_its_way_beside_one_made_at_the_gateway_is_no_break(
    stage: Stage,
) -> None:
    both = [reversal("refund"), reversal("refund", "sent", origin="clerk")]

    assert stage.after(both, "i8_refunds_within_what_came") == []
