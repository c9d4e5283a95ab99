"""Money that goes back, in few words: what the gateway's control port does, and what we keep."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from quittance.core import clock
from quittance.core.money import Money
from quittance.ledger import accounts
from quittance.payments.models import Payment, Reversal
from quittance.payments.refunds import refund_payment
from quittance.payments.reversals import lock, new_reversal, succeed
from quittance.tenancy.rows import reading, writing
from tests.ground import Ground
from tests.payments.rows import attempt_of, balance

REFUND = "POST /v1/refunds"
BANK_ACCOUNT, RETURNED_ACCOUNT = "000123456789", "000333333335"


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def at_gateway(ground: Ground, deed: str, **facts: object) -> dict[str, Any]:
    """Have something happen at the gateway: a deed of its control port."""
    url = f"{ground.world.gateway.control_url}/{deed}"
    answer = ground.world.client.post(url, json=facts).raise_for_status()
    found: dict[str, Any] = answer.json() if answer.content else {}
    return found


def with_payment(ground: Ground, payment: Payment, deed: str, **facts: object) -> dict[str, Any]:
    """Have something happen to a payment at the gateway."""
    return at_gateway(ground, f"payments/{attempt_of(payment).gateway_object}/{deed}", **facts)


def debited(ground: Ground, amount: str = "100.00") -> Payment:
    """A payment by bank debit that the bank has settled and the ERP has."""
    payment = ground.pay((ground.bill(amount), amount), method="bank_debit")
    with_payment(ground, payment, "pay", number=BANK_ACCOUNT)
    with_payment(ground, payment, "settle")
    return ground.advance(payment)


def charged(ground: Ground, amount: str = "100.00") -> Payment:
    """A payment by card that the ERP has."""
    return ground.paid((ground.bill(amount), amount))


def refund(payment: Payment, minor: int, *, key: str = "", **facts: Any) -> Reversal:
    """Press refund."""
    facts = {"reopens": True, **facts}
    return refund_payment(payment.pk, usd(minor), key=key or str(uuid.uuid4()), **facts)


def reversals(payment: Payment) -> list[Reversal]:
    """Everything that went back of a payment, the first first."""
    with reading():
        return list(payment.reversals.order_by("created_at", "pk"))


def shown(payment: Payment) -> list[tuple[str, str, int]]:
    """The same in three words each."""
    return [(each.kind, each.status, each.amount_minor) for each in reversals(payment)]


def refunds_at_gateway(ground: Ground, payment: Payment) -> list[int]:
    """What the gateway's own books say went back by refunds that did not fail."""
    ledger = ground.world.client.get(f"{ground.world.gateway.control_url}/ledger").json()
    object_ = attempt_of(payment).gateway_object
    failed = {each["subject"] for each in ledger["refunds_failed"]}
    return [
        -each["gross_minor"] for each in ledger["refunds"]
        if each["payment"] == object_ and each["subject"] not in failed
    ]  # fmt: skip


def sends(ground: Ground, reversal: Reversal) -> int:
    """How often the gateway was asked for this refund."""
    said = ground.world.client.get(f"{ground.world.gateway.control_url}/requests").json()
    return sum(each["key"] == reversal.reference for each in said["data"])


def sent_earlier(reversal: Reversal, **age: float) -> None:
    """Let a refund have been sent that long ago."""
    with writing():
        Reversal.objects.filter(pk=reversal.pk).update(sent_at=clock.now() - dt.timedelta(**age))


def again(reversal: Reversal) -> Reversal:
    """Read a reversal again."""
    with reading():
        reversal.refresh_from_db()
    return reversal


def money(ground: Ground) -> dict[str, int]:
    """What stands on the accounts of the gateway and the legal entity, in cents; zeros left out."""
    gateway, entity = ground.gateway_account_id, ground.legal_entity_id
    names = {
        "gateway": accounts.gateway_clearing(gateway),
        "disputed": accounts.disputed(gateway),
        "surplus": accounts.surplus(gateway),
        "quarantine": accounts.quarantine(gateway),
        "receipts": accounts.unposted_receipts(entity),
        "posted": accounts.posted_receipts(entity),
        "reversals": accounts.unposted_reversals(entity),
        "fees": accounts.fees_charged(entity),
    }
    found = {name: balance(account).get("USD", usd(0)).minor for name, account in names.items()}
    return {name: minor for name, minor in found.items() if minor}


def moved(payment: Payment, kind: str, minor: int, **facts: Any) -> Reversal:
    """The payer's bank takes money of a payment, or gives it back."""
    with writing():
        attempt = lock(payment.attempts.get().pk)
        reversal = new_reversal(
            attempt, Money(minor, "USD"), key=f"{kind}:{payment.pk}", kind=kind,
            origin=Reversal.Origin.OUTSIDE, gateway_object="dp_1", **facts,
        )  # fmt: skip
        succeed(reversal, cause="the gateway's books say so")
    return reversal
