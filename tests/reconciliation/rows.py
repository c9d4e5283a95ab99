"""What tests of reconciliation make and read, in few words."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from procrastinate.contrib.django.models import ProcrastinateJob

from quittance.connections.keep import keep_gateway_account
from quittance.connections.models import GatewayAccount
from quittance.connections.open import gateway_for
from quittance.core import clock
from quittance.core.ids import new_id
from quittance.core.money import Money
from quittance.gateways.base import ReportsMovements
from quittance.identity.models import User
from quittance.ledger import accounts
from quittance.ledger.record import balances
from quittance.payments.capture import apply_answer
from quittance.payments.models import GatewayMessage, Payment
from quittance.posting.models import ErpPosting
from quittance.reconciliation.exceptions import ExceptionRow, waiting
from quittance.reconciliation.models import Finding, GatewayMovement
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


def captured(ground: Ground, amount: str = "100.00", *, method: str = "card") -> Payment:
    """A payment whose money came, and of which the ERP knows nothing yet."""
    payment = ground.pay((ground.bill(amount), amount), method=method)
    with reading():
        attempt = payment.attempts.get()
    if method == "bank_debit":
        desk(ground, f"/payments/{attempt.gateway_object}/pay", number="000123456789")
        desk(ground, f"/payments/{attempt.gateway_object}/settle")
    else:
        ground.on_page(payment)
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


def findings() -> list[Finding]:
    """All that were ever found, the oldest first."""
    with reading():
        return list(Finding.objects.order_by("opened_at"))


def some_message(gateway_object: str) -> GatewayMessage:
    """A gateway's message that nobody took up."""
    with writing():
        account = GatewayAccount.objects.first() or keep_gateway_account(
            kind="sandbox", name="Gateway", settings={}
        )
        return GatewayMessage.objects.create(
            gateway_account=account, event_id=f"evt_{new_id()}", gateway_object=gateway_object,
            kind="payment.succeeded",
        )  # fmt: skip


def kinds() -> list[str]:
    """The kinds of what stands in the mirror of the gateways' books, the earliest first."""
    with reading():
        rows = GatewayMovement.objects.order_by("happened_at", "pk")
        return list(rows.values_list("kind", flat=True))


def clearing(ground: Ground) -> dict[str, Money]:
    """What the ledger says that the gateway owes us."""
    with reading():
        return balances(accounts.gateway_clearing(ground.gateway_account_id))


def gateway_balance(ground: Ground) -> dict[str, Money]:
    """What the gateway itself says that it holds for us."""
    gateway = gateway_for(ground.gateway_account_id)
    assert isinstance(gateway, ReportsMovements)
    return dict(gateway.balances())


def waiting_jobs(task: str, ground: Ground) -> list[dict[str, Any]]:
    """The arguments of the jobs in line for this organization."""
    jobs = ProcrastinateJob.objects.filter(
        task_name=task, status="todo", args__organization_id=str(ground.organization_id)
    )
    return list(jobs.order_by("id").values_list("args", flat=True))


def woken(ground: Ground) -> list[UUID]:
    """The payments that a worker is to look at, each once."""
    jobs = waiting_jobs("payments.advance", ground)
    return list(dict.fromkeys(UUID(each["payment_id"]) for each in jobs))


def desk(ground: Ground, path: str, **facts: object) -> Any:
    """Have the gateway's own people do something."""
    url = f"{ground.world.gateway.control_url}{path}"
    answer = ground.world.client.post(url, json=facts)
    assert answer.is_success, answer.text
    return answer.json()
