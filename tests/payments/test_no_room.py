"""The disk is full: the intent cannot be written, so nobody outside is asked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import OperationalError
from psycopg.errors import DiskFull

from quittance.payments.checkout import start_payment
from quittance.payments.models import Payment
from quittance.tenancy.rows import reading
from tests.conftest import DATABASE
from tests.ground import Ground
from tests.payments.rows import in_flight

pytestmark = pytest.mark.failure("F54")
# What PostgreSQL itself says when it cannot extend a file; here of one organization's rows only.
_NO_ROOM = """
CREATE FUNCTION no_room_{n}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.organization_id = '{organization}' THEN
        RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER no_room_{n} BEFORE INSERT ON {table}
    FOR EACH ROW EXECUTE FUNCTION no_room_{n}();
"""


@contextmanager
def full(ground: Ground, table: str) -> Iterator[None]:
    """While this lasts, nothing more goes into a table."""
    name = ground.organization_id.hex
    address = urlsplit(os.environ["QUITTANCE_TEST_ADMIN"])._replace(path=f"/{DATABASE}").geturl()
    with psycopg.connect(address, autocommit=True) as admin:
        said = _NO_ROOM.format(n=name, organization=ground.organization_id, table=table)
        admin.execute(said.encode())
        try:
            yield
        finally:
            admin.execute(f"DROP TRIGGER no_room_{name} ON {table}".encode())
            admin.execute(f"DROP FUNCTION no_room_{name}".encode())


def asked(ground: Ground) -> int:
    """How often the gateway was asked for a payment."""
    url = f"{ground.world.gateway.control_url}/requests"
    rows = ground.world.client.get(url).raise_for_status().json()["data"]
    return sum(each["method"] == "POST" and each["path"] == "/v1/payments" for each in rows)


@pytest.mark.parametrize(
    "table",
    ["payments_payment", "payments_allocation", "payments_gatewayattempt", "audit_statuschange"],
)
def test_what_cannot_be_written_down_is_not_asked_for_and_reserves_nothing(
    ground: Ground, table: str
) -> None:
    invoice = ground.bill("100.00")
    before = asked(ground)

    with full(ground, table), pytest.raises(OperationalError) as refused:
        start_payment(ground.order((invoice, "100.00")), key="k")
    with reading():
        left = Payment.objects.count()
    during = asked(ground)
    payment = start_payment(ground.order((invoice, "100.00")), key="k")

    assert isinstance(refused.value.__cause__, DiskFull)
    assert (during - before, left) == (0, 0)
    assert payment.status == "in_flight"
    assert (asked(ground) - before, in_flight(invoice)) == (1, 10000)
