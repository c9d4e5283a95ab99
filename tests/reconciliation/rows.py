"""What tests of reconciliation make and read, in few words."""

from __future__ import annotations

from typing import Any

from quittance.core import clock
from quittance.core.ids import new_id
from quittance.identity.models import User
from quittance.payments.models import Payment
from quittance.posting.models import ErpPosting
from quittance.reconciliation.exceptions import ExceptionRow, waiting
from quittance.reconciliation.models import Finding
from quittance.tenancy.rows import because, reading, writing
from tests.ground import Ground


def new_clerk(name: str = "Priya Raman") -> User:
    """One of the AR team."""
    email = f"clerk.{new_id().hex[-8:]}@northwind.example"
    with writing():
        return User.objects.create(email=email, name=name, staff_role=User.StaffRole.CLERK)


def queue() -> list[ExceptionRow]:
    """Everything that waits."""
    with reading():
        return waiting()


def captured(ground: Ground, amount: str = "100.00") -> Payment:
    """A payment whose money came, and of which the ERP knows nothing yet."""
    payment = ground.pay((ground.bill(amount), amount))
    ground.on_page(payment)
    from quittance.connections.open import gateway_for
    from quittance.payments.capture import apply_answer

    with reading():
        attempt = payment.attempts.get()
    answer = gateway_for(ground.gateway_account_id).read_payment(attempt.gateway_object or "")
    with writing():
        apply_answer(attempt.pk, answer)
    return ground.again(payment)


def refused(payment: Payment, words: str = "The period is closed.") -> ErpPosting:
    """Have the ERP say no to a payment's posting."""
    with writing():
        because("test")
        posting = ErpPosting.objects.get(source_id=payment.pk)
        ErpPosting.objects.filter(pk=posting.pk).update(status=ErpPosting.Status.SENDING)
        ErpPosting.objects.filter(pk=posting.pk).update(
            status=ErpPosting.Status.REJECTED, rejection=words
        )
    return posting


def a_finding(**values: Any) -> Finding:
    """A finding that is open."""
    now = clock.now()
    facts = {"kind": "s1_returned_debit", "subject_kind": "reversal", "subject": str(new_id())}
    with writing():
        return Finding.objects.create(**{**facts, "opened_at": now, "last_seen_at": now, **values})


def again(finding: Finding) -> Finding:
    """Read a finding again."""
    with reading():
        finding.refresh_from_db()
    return finding
