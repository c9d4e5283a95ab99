"""During a deploy the programs of the release before meet the database of this one."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.models import Model

from quittance.core import clock
from quittance.core.ids import new_id
from quittance.payments.models import PaymentAccount
from quittance.tenancy.rows import reading, writing
from tests.ground import Ground

pytestmark = pytest.mark.failure("F51")
# The last migration of each room that the release before knows. A release moves them on.
RELEASE_BEFORE = {
    "audit": "0002_statuses_are_guarded",
    "connections": "0002_walls",
    "identity": "0002_walls",
    "ledger": "0002_entries_balance_and_stay",
    "notifications": "0002_walls",
    "payments": "0003_statuses",
    "posting": "0004_remarks",
    "receivables": "0003_whose_invoices",
    "tenancy": "0002_walls",
}


@pytest.fixture(scope="module")
def before(database: None) -> Any:
    """The models as the release before has them."""
    loader = MigrationLoader(connection)
    return loader.project_state(list(RELEASE_BEFORE.items())).apps


def test_every_column_that_is_new_has_a_value_for_those_who_do_not_know_it(before: Any) -> None:
    missing = []
    for model in before.get_models():
        table = model._meta.db_table
        known = {field.column for field in model._meta.concrete_fields}
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = %s"
                " AND is_nullable = 'NO' AND column_default IS NULL",
                [table],
            )
            needed = {name for (name,) in cursor.fetchall()}
        missing += [f"{table}.{column}" for column in sorted(needed - known)]

    assert missing == []


def test_no_column_that_they_know_has_gone(before: Any) -> None:
    gone = []
    for model in before.get_models():
        table = model._meta.db_table
        known = {field.column for field in model._meta.concrete_fields}
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table]
            )
            there = {name for (name,) in cursor.fetchall()}
        gone += [f"{table}.{column}" for column in sorted(known - there)]

    assert gone == []


def test_every_step_that_they_may_take_is_still_legal(before: Any) -> None:
    from importlib import import_module

    first = {
        "payment": ("payments.migrations.0003_statuses", "PAYMENT"),
        "attempt": ("payments.migrations.0003_statuses", "ATTEMPT"),
        "allocation": ("payments.migrations.0003_statuses", "ALLOCATION"),
        "posting": ("posting.migrations.0003_statuses", "POSTING"),
    }
    theirs = {
        (kind, status, to)
        for kind, (module, name) in first.items()
        for status, after in getattr(import_module(f"quittance.{module}"), name).items()
        for to in after
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT subject_kind, from_status, to_status FROM audit_legal_step")
        now = set(cursor.fetchall())

    assert theirs - now == set()


def test_a_payment_that_they_write_is_taken_and_goes_all_the_way(
    ground: Ground, before: Any
) -> None:
    from quittance.payments.models import Payment

    invoice = ground.bill("75.00")
    written = _payment_of_before(before, ground, invoice)

    with reading():
        accounts = PaymentAccount.objects.filter(payment_id=written.pk)
        assert [each.customer_account_id for each in accounts] == [invoice.customer_account_id]
        payment = Payment.objects.get(pk=written.pk)
        assert (payment.fee_minor, payment.on_account_minor) == (0, 0)
    _ask(payment)
    ground.on_page(payment)
    payment = ground.advance(payment)
    assert payment.status == "succeeded"
    assert len(ground.world.erp_ledger(payment.number)) == 1


def _ask(payment: Any) -> None:
    from quittance.payments.checkout import ask_gateway

    ask_gateway(payment)


def _payment_of_before(before: Any, ground: Ground, invoice: Any) -> Model:
    """Write a payment down as ``record_order`` of the release before does."""
    shared: dict[str, Any] = {
        "organization_id": ground.organization_id,
        "customer_account_id": invoice.customer_account_id,
        "currency": invoice.currency,
        "amount_minor": invoice.open_minor,
    }
    key: UUID = new_id()
    page = f"{ground.world.gateway.url}/pay/page.css"
    with writing():
        payment: Model = before.get_model("payments", "Payment")(
            id=key, number=f"P-{key.hex[-6:].upper()}",
            gateway_account_id=ground.gateway_account_id,
            origin="checkout", method="card", idempotency_key=str(key), fingerprint="before",
            next_at=clock.now(), **shared,
        )  # fmt: skip
        payment.save(force_insert=True)
        before.get_model("payments", "Allocation")(
            id=new_id(), payment_id=key, invoice_id=invoice.pk,
            open_seen_minor=invoice.open_minor, in_flight_seen_minor=0,
            version_seen=invoice.version, **shared,
        ).save(force_insert=True)  # fmt: skip
        before.get_model("payments", "GatewayAttempt")(
            id=new_id(), payment_id=key, gateway_account_id=ground.gateway_account_id,
            reference=f"{key}:1", method="card", return_url=page, cancel_url=page, locale="en",
            **shared,
        ).save(force_insert=True)  # fmt: skip
    return payment


def test_a_posting_that_they_write_is_taken(ground: Ground, before: Any) -> None:
    account = ground.account()
    with writing():
        posting = before.get_model("posting", "ErpPosting")(
            id=new_id(), organization_id=ground.organization_id,
            legal_entity_id=ground.legal_entity_id, customer_account_id=account.pk,
            source_kind="payment", source_id=new_id(), document_number=str(new_id())[:20],
            customer_erp_id=account.erp_id, posting_date=date(2026, 3, 1), description="",
            amount_minor=100, currency="USD",
        )  # fmt: skip
        posting.save(force_insert=True)
        before.get_model("posting", "ErpPostingLine")(
            id=new_id(), organization_id=ground.organization_id, posting_id=posting.pk,
            customer_account_id=account.pk, line_number=10000, invoice_erp_id="i",
            invoice_number="INV", amount_minor=100,
        ).save(force_insert=True)  # fmt: skip
        transaction.set_rollback(True)
