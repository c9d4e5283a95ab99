"""Life cycles: the code's tables, the database's table, and what PostgreSQL does about the rest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import TextChoices

from quittance.approvals import transitions as approvals
from quittance.approvals.models import ApprovalRequest
from quittance.arrivals import transitions as arrivals
from quittance.arrivals.models import JoinRequest
from quittance.audit.models import StatusChange
from quittance.confirmations import transitions as confirmations
from quittance.confirmations.models import Confirmation
from quittance.core import clock
from quittance.core.ids import new_id
from quittance.disputes import transitions as disputes
from quittance.disputes.models import InvoiceDispute
from quittance.payments import transitions as payments
from quittance.payments.models import (
    Allocation,
    CreditUse,
    Dispute,
    GatewayAttempt,
    Payment,
    Reversal,
)
from quittance.posting import transitions as posting
from quittance.posting.models import ErpPosting
from quittance.reconciliation import transitions as findings
from quittance.reconciliation.models import Finding
from quittance.tenancy.rows import because, reading, writing
from quittance.tenancy.scope import working_for
from quittance.transfers import transitions as transfers
from quittance.transfers.models import Announcement, BankEntry
from quittance.wallet import transitions as wallet
from quittance.wallet.models import KeptMethod, Saving

Lives = dict[str, tuple[type[Any], type[TextChoices], Mapping[str, frozenset[str]]]]
LIVES: Lives = {
    "payment": (Payment, Payment.Status, payments.PAYMENT),
    "attempt": (GatewayAttempt, GatewayAttempt.Status, payments.ATTEMPT),
    "allocation": (Allocation, Allocation.Status, payments.ALLOCATION),
    "credit_use": (CreditUse, Allocation.Status, payments.ALLOCATION),
    "reversal": (Reversal, Reversal.Status, payments.REVERSAL),
    "dispute": (Dispute, Dispute.Status, payments.DISPUTE),
    "invoice_dispute": (InvoiceDispute, InvoiceDispute.Status, disputes.DISPUTE),
    "posting": (ErpPosting, ErpPosting.Status, posting.NEXT),
    "announcement": (Announcement, Announcement.Status, transfers.ANNOUNCEMENT),
    "bank_entry": (BankEntry, BankEntry.Status, transfers.ENTRY),
    "finding": (Finding, Finding.Status, findings.FINDING),
    "kept_method": (KeptMethod, KeptMethod.Status, wallet.METHOD),
    "saving": (Saving, Saving.Status, wallet.SAVING),
    "join_request": (JoinRequest, JoinRequest.Status, arrivals.REQUEST),
    "approval_request": (ApprovalRequest, ApprovalRequest.Status, approvals.REQUEST),
    "confirmation": (Confirmation, Confirmation.Status, confirmations.CONFIRMATION),
}
PAIRS = [
    (kind, before, after)
    for kind, (_, statuses, _) in LIVES.items()
    for before in statuses.values
    for after in statuses.values
    if before != after
]
ALLOWED = [(kind, before, after) for kind, before, after in PAIRS
           if after in LIVES[kind][2].get(before, ())]  # fmt: skip
FORBIDDEN = sorted(set(PAIRS) - set(ALLOWED))


def test_every_life_that_the_database_keeps_is_tried_here(database: None) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT subject_kind FROM audit_legal_step")
        kept = {kind for (kind,) in cursor.fetchall()}

    assert set(LIVES) == kept


@pytest.mark.parametrize("kind", LIVES)
def test_the_database_keeps_the_very_steps_of_the_code(database: None, kind: str) -> None:
    code = {(str(a), str(b)) for a, after in LIVES[kind][2].items() for b in after}

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT from_status, to_status FROM audit_legal_step WHERE subject_kind = %s", [kind]
        )
        kept = set(cursor.fetchall())

    assert kept == code


@pytest.mark.parametrize("kind", LIVES)
def test_every_status_stands_in_the_table_of_steps(kind: str) -> None:
    _, statuses, steps = LIVES[kind]

    assert set(steps) == set(statuses.values)


@pytest.mark.parametrize(("kind", "before", "after"), ALLOWED, ids="-".join)
def test_an_allowed_step_is_taken_and_written_down(
    organization: UUID, kind: str, before: str, after: str
) -> None:
    with writing():
        row = _row(kind, before)
        because("the test")
        _step(row, kind, after)
        written = (
            StatusChange.objects.filter(subject_id=row.pk)
            .order_by("sequence")
            .values_list("from_status", "to_status", "cause", "actor")
        )
        assert written.last() == (before, after, "the test", "test")
        transaction.set_rollback(True)


@pytest.mark.parametrize(("kind", "before", "after"), FORBIDDEN, ids="-".join)
def test_a_forbidden_step_is_refused_by_postgresql(
    organization: UUID, kind: str, before: str, after: str
) -> None:
    with writing():
        row = _row(kind, before)
        with pytest.raises(IntegrityError, match=f"a {kind} never goes from {before} to {after}"):
            _step(row, kind, after)
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("kind", "status"),
    [(kind, status) for kind, (_, statuses, steps) in LIVES.items()
     for status in statuses.values if status != next(iter(steps))],
)  # fmt: skip
def test_nothing_is_born_in_a_later_status(organization: UUID, kind: str, status: str) -> None:
    with writing():
        with pytest.raises(IntegrityError, match=f"a {kind} begins as"):
            _row(kind, status, born=status)
        transaction.set_rollback(True)


@pytest.mark.parametrize("kind", LIVES)
def test_a_row_of_money_is_never_deleted(organization: UUID, kind: str) -> None:
    with writing():
        row = _row(kind, next(iter(LIVES[kind][2])))
        with (
            pytest.raises(IntegrityError, match="never deleted"),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"DELETE FROM {type(row)._meta.db_table} WHERE id = %s", [row.pk])
        transaction.set_rollback(True)


def test_a_row_that_changes_otherwise_writes_no_step(organization: UUID) -> None:
    with writing():
        row = _row("payment", "in_flight")
        before = StatusChange.objects.filter(subject_id=row.pk).count()
        Payment.objects.filter(pk=row.pk).update(failures=3, status="in_flight")
        assert StatusChange.objects.filter(subject_id=row.pk).count() == before
        transaction.set_rollback(True)


FORGED_STEP = """
INSERT INTO audit_statuschange (id, organization_id, sequence, subject_kind, subject_id,
    from_status, to_status, cause, actor, happened_at)
VALUES (gen_random_uuid(), current_setting('quittance.organization')::uuid, 1, 'payment',
    gen_random_uuid(), 'created', 'succeeded', '', '', now())
"""
FORGED_CALL = """
SELECT audit_write_status('payment', current_setting('quittance.organization')::uuid, NULL,
    gen_random_uuid(), 'created', 'succeeded')
"""


@pytest.mark.parametrize(
    "statement",
    [
        FORGED_STEP,
        FORGED_CALL,
        "UPDATE audit_statuschange SET cause = 'forged'",
        "DELETE FROM audit_statuschange",
        "TRUNCATE audit_statuschange",
        "UPDATE audit_auditevent SET what = 'forged'",
        "DELETE FROM audit_auditevent",
        "TRUNCATE audit_auditevent",
        "INSERT INTO audit_legal_step VALUES ('payment', 'created', 'succeeded')",
        "DELETE FROM audit_legal_step",
        "UPDATE audit_legal_step SET to_status = 'succeeded'",
        "ALTER TABLE payments_payment DISABLE TRIGGER guard_status",
        "DROP TRIGGER guard_status ON payments_payment",
        "SET session_replication_role = replica",
    ],
)
def test_the_application_cannot_forge_the_timeline(organization: UUID, statement: str) -> None:
    with pytest.raises(DatabaseError), writing(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_steps_are_numbered_in_the_order_in_which_they_happened(organization: UUID) -> None:
    with writing():
        row = _row("payment", "created")
        Payment.objects.filter(pk=row.pk).update(status="in_flight")
        Payment.objects.filter(pk=row.pk).update(status="failed")
        steps = StatusChange.objects.filter(subject_id=row.pk).order_by("sequence")
        assert [step.to_status for step in steps] == ["created", "in_flight", "failed"]
        transaction.set_rollback(True)


def test_a_step_names_who_took_it(organization: UUID) -> None:
    with working_for(organization, actor="user:dana"), writing():
        row = _row("payment", "created")
        assert StatusChange.objects.get(subject_id=row.pk).actor == "user:dana"
        transaction.set_rollback(True)


def test_a_cause_ends_with_its_transaction(organization: UUID) -> None:
    with writing():
        because("the reason of before")

    with reading(), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('quittance.cause')")
        assert cursor.fetchone() == ("",)


def _row(kind: str, status: str, *, born: str = "") -> Any:
    """A row brought to ``status`` step by step; its references lead nowhere: never commit it."""
    model = LIVES[kind][0]
    columns = {field.attname for field in model._meta.concrete_fields}
    everywhere = {"customer_account_id": new_id(), "amount_minor": 100}
    shared = {name: value for name, value in everywhere.items() if name in columns}
    if born:
        shared |= {"status": born, **_besides(kind, born)}
    facts = (_of_payments() | _of_others() | _of_requests())[kind]
    row = model._default_manager.create(**(facts | shared))
    for step in _way_to(kind, status):
        _step(row, kind, step)
    return row


def _of_payments() -> dict[str, dict[str, object]]:
    """What a row of the payments' kinds needs besides."""
    return {
        "payment": {
            "number": "P", "gateway_account_id": new_id(), "origin": "checkout", "currency": "USD",
            "method": "card", "idempotency_key": str(new_id()), "fingerprint": "",
            "succeeded_at": clock.now(),
        },
        "attempt": {
            "payment_id": new_id(), "gateway_account_id": new_id(), "reference": str(new_id()),
            "currency": "USD", "method": "card", "return_url": "", "cancel_url": "", "locale": "en",
        },
        "allocation": {
            "payment_id": new_id(), "invoice_id": new_id(), "currency": "USD",
            "open_seen_minor": 100, "in_flight_seen_minor": 0, "version_seen": 1,
        },
        "credit_use": {
            "payment_id": new_id(), "credit_id": new_id(), "invoice_id": new_id(),
            "currency": "USD", "open_seen_minor": 100, "in_flight_seen_minor": 0,
            "version_seen": 1,
        },
        "reversal": {
            "number": "R", "payment_id": new_id(), "attempt_id": new_id(), "kind": "refund",
            "origin": "outside", "currency": "USD", "idempotency_key": str(new_id()),
            "succeeded_at": clock.now(),
        },
        "dispute": {
            "payment_id": new_id(), "attempt_id": new_id(), "gateway_object": str(new_id()),
            "currency": "USD",
        },
    }  # fmt: skip


def _of_others() -> dict[str, dict[str, object]]:
    """What a row of the other kinds needs besides."""
    return {
        "posting": {
            "legal_entity_id": new_id(), "source_kind": "test", "source_id": new_id(),
            "document_number": str(new_id())[:20], "customer_erp_id": "c",
            "posting_date": date(2026, 3, 1), "description": "", "currency": "USD",
            "rejection": "the period is closed", "note": "booked by hand",
        },
        "invoice_dispute": {
            "number": str(new_id())[:16], "invoice_id": new_id(), "opened_by_id": new_id(),
            "reason": "price", "currency": "USD", "open_seen_minor": 100, "version_seen": 1,
        },
        "announcement": {
            "number": "T", "reference": "RF", "user_id": new_id(), "bank_account_id": new_id(),
            "basket_id": new_id(), "currency": "USD",
        },
        "bank_entry": {
            "bank_account_id": new_id(), "key": str(new_id()), "booked_date": date(2026, 3, 1),
            "currency": "USD", "payment_id": new_id(),
        },
        "finding": {
            "kind": "test", "subject_kind": "payment", "subject": str(new_id()),
            "opened_at": clock.now(), "last_seen_at": clock.now(), "note": "it is all right",
        },
        "kept_method": {
            "gateway_account_id": new_id(), "consent_id": new_id(), "method": "card",
            "gateway_method": str(new_id()), "agreement": "on_demand", "saved_by_id": new_id(),
            "ended_reason": "removed", "ended_at": clock.now(), "stopped_at": clock.now(),
            "stopped_by": new_id(),
        },
        "saving": {
            "gateway_account_id": new_id(), "consent_id": new_id(), "user_id": new_id(),
            "form_key": new_id(), "reference": str(new_id()), "method": "card", "currency": "USD",
            "return_url": "", "cancel_url": "", "payer_name": "", "payer_email": "",
            "kept_method_id": new_id(),
        },
        "join_request": {
            "email": "", "role": "view", "known": False, "reason": "not one of ours",
            "created_at": clock.now(), "expires_at": clock.now(),
        },
    }  # fmt: skip


def _of_requests() -> dict[str, dict[str, object]]:
    """What a row of the kinds that one asks and another decides needs besides."""
    return {
        "approval_request": {
            "account_ids": [], "basket_id": new_id(), "fingerprint": "", "sealed": {},
            "maker_id": new_id(), "currency": "USD", "method": "card",
            "token_hash": str(new_id()), "expires_at": clock.now(), "decided_by_id": new_id(),
        },
        "confirmation": {
            "kind": "credentials", "about": str(new_id()), "title": "", "sealed": b"s",
            "fingerprint": "", "asked_by_id": new_id(), "decided_by_id": new_id(),
            "decided_at": clock.now(), "expires_at": clock.now() + timedelta(days=1),
        },
    }  # fmt: skip


def _step(row: Any, kind: str, to: str) -> None:
    type(row)._default_manager.filter(pk=row.pk).update(status=to, **_besides(kind, to))


def _besides(kind: str, status: str) -> dict[str, object]:
    """What has to be true besides in this status."""
    if kind == "approval_request":
        return {"used_for": new_id() if status == ApprovalRequest.Status.USED else None}
    if kind == "join_request":
        return {"ended_at": None if status == JoinRequest.Status.ASKED else clock.now()}
    if kind == "confirmation":
        return {"sealed": b"" if not confirmations.CONFIRMATION[status] else b"s"}
    if kind != "finding":
        return {}
    return {"closed_at": None if status == Finding.Status.OPEN else clock.now()}


def _way_to(kind: str, status: str) -> list[str]:
    """The shortest way from the first status to ``status``."""
    steps = LIVES[kind][2]
    ways: list[list[str]] = [[next(iter(steps))]]
    for way in ways:
        if way[-1] == status:
            return way[1:]
        ways += [[*way, after] for after in sorted(steps[way[-1]]) if after not in way]
    raise AssertionError(f"no way leads to {status}")
