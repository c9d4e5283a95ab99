"""Lets the ledger be older than it is: as a superuser, for nobody else can change it."""

from __future__ import annotations

import os
from urllib.parse import urlsplit
from uuid import UUID

import psycopg

from tests.conftest import DATABASE


def recorded_earlier(organization_id: UUID, *, days: int) -> None:
    """Let all that an organization has recorded until now have been recorded so much earlier."""
    address = urlsplit(os.environ["QUITTANCE_TEST_ADMIN"])._replace(path=f"/{DATABASE}").geturl()
    with psycopg.connect(address) as connection:
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute(
            "UPDATE ledger_ledgertransaction"
            " SET recorded_at = recorded_at - make_interval(days => %s)"
            " WHERE organization_id = %s",
            [days, organization_id],
        )
