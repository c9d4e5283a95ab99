"""An organization whose back office has something of everything to show."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from quittance.core import clock
from quittance.core.ids import new_id
from quittance.core.money import Money
from quittance.payments.cancel import cancel_payment
from quittance.payments.models import GatewayAttempt, Payment
from quittance.payments.refunds import refund_payment
from quittance.payments.repair import put_on_account
from quittance.posting import gate
from quittance.reconciliation.books import read_books
from quittance.reconciliation.exceptions import handle
from quittance.reconciliation.models import Finding, Payout
from quittance.reconciliation.payouts import read_balance
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import working_for
from tests.backoffice.office import blocked, posting_of, refused, two_persons_above
from tests.ground import ALPINE, EVENTS
from tests.payments.backwards import REFUND, charged, with_payment
from tests.portal.doors import Door

PEOPLE = {
    "priya": ("Priya Raman", "clerk"),
    "mo": ("Mo Lindqvist", "clerk"),
    "mia": ("Mia Santos", "manager"),
}
_HANDLED = "s6_reversal_puzzles"
# What findings of each kind say; the amounts are in cents.
_FINDINGS: dict[str, dict[str, Any]] = {
    "s1_returned_debit": {"amount_minor": 41_800, "code": "R01", "problem": "Ask the customer."},
    "s2_refund_failed": {"amount_minor": 9_900, "detail": "The card was closed."},
    "q2_charge_nobody_knows": {"amount_minor": 4_200, "gateway_object": "pay_0f3a77c1d2"},
    "q4_payout_adds_up": {
        "amount_minor": 125, "payout": "po_20413", "paid_out_minor": 1_204_125,
        "items_minor": 1_204_000,
    },
    "q2_charges_are_the_gateways": {
        "amount_minor": 1_000, "ours_minor": 640_000, "theirs_minor": 639_000,
    },
    "q1_nothing_in_limbo": {"what": "payment", "status": "in_flight"},
    "i8_refunds_within_what_came": {"paid_minor": 10_000, "back_minor": 10_100},
    "s6_reversal_puzzles": {
        "amount_minor": 14_000, "payment": "P-1", "problem": "The gateway says 150.00 USD.",
    },
    "s4_webhooks_silent": {"payments": 12, "gateway": "Gateway"},
}  # fmt: skip


@dataclass
class Office:
    """What was made, by what it is."""

    door: Door
    retried: Payment  # refused; its cause is mended
    asked: Payment  # refused; a second person is to confirm
    back: Payment  # a part of it went back, and the ERP is to be told by hand
    disputed: Payment
    findings: dict[str, Finding] = field(default_factory=dict)


def fill(door: Door) -> Office:
    """Make one of everything."""
    for name, (full, role) in PEOPLE.items():
        door.person(email=f"{name}@example.test", role=role, name=full)
    ground = door.ground
    asked = refused(door, "1860.00")
    with _as("priya", door):
        two_persons_above(door, 100_000)
        put_on_account(posting_of(asked).pk, note="The invoice is wrong; they order again.")
    with blocked(door):
        _refused_and_not_mended(door)
    back = charged(ground, "640.00")
    refund_payment(back.pk, Money(14_000, "USD"), key="k", reopens=True, note="Short shipment")
    ground.advance(back)
    disputed = charged(ground, "310.00")
    with_payment(ground, disputed, "dispute")
    ground.advance(disputed)
    _remarked(door)
    _puzzling(door)
    _surplus(door)
    office = Office(door, refused(door, "418.60"), asked, back, disputed)
    office.findings = {kind: _finding(door, kind, back) for kind in _FINDINGS if kind != _HANDLED}
    handled = _finding(door, _HANDLED, back)
    with _as("mo", door):
        handle(
            f"finding:{handled.pk}",
            note="Asked the gateway: it sent 140.00 USD once, and says so now.",
        )
    read_books(ground.gateway_account_id)
    read_balance(ground.gateway_account_id)
    _payouts(door)
    with writing():
        gate.stop(ground.legal_entity_id, because="4 confirmed postings are gone within an hour.")
    return office


@contextmanager
def _as(name: str, door: Door) -> Iterator[None]:
    from quittance.identity.models import User
    from quittance.tenancy.rows import reading

    with reading():
        person = User.objects.get(email=f"{name}@example.test")
    with working_for(door.ground.organization_id, actor=f"user:{person.pk}"):
        yield


def _refused_and_not_mended(door: Door) -> None:
    ground = door.ground
    payment = ground.pay(
        (ground.bill("6400.00"), "6400.00"), (ground.bill("980.50"), "980.50")
    )  # fmt: skip
    ground.on_page(payment)
    ground.advance(payment)


def _remarked(door: Door) -> None:
    ground = door.ground
    invoice = ground.bill("1250.00", customer=EVENTS)
    payment = ground.pay((invoice, "1250.00"))
    ground.on_page(payment)
    ground.world.clerk("post-payment", invoice=invoice.number, amount="500.00")
    ground.advance(payment)


def _puzzling(door: Door) -> None:
    ground = door.ground
    payment = ground.pay((ground.bill("73.00", customer=ALPINE), "73.00"))
    with writing():
        GatewayAttempt.objects.filter(payment=payment).update(
            problem="The gateway says 70.00 USD, we asked for 73.00 USD."
        )


def _surplus(door: Door) -> None:
    ground = door.ground
    payment = ground.pay((ground.bill("96.40", customer=ALPINE), "96.40"))
    cancel_payment(payment.pk)
    with_payment(ground, payment, "late_success")
    ground.world.gateway_fault(REFUND, "status", status=400)
    ground.advance(payment)


def _finding(door: Door, kind: str, payment: Payment) -> Finding:
    now = clock.now()
    facts: dict[str, Any] = {"number": payment.number, "currency": "USD", **_FINDINGS.get(kind, {})}
    minor = facts.pop("amount_minor", None)
    nobodys = kind in {"q2_charge_nobody_knows", "q4_payout_adds_up", "s4_webhooks_silent"}
    with writing():
        return Finding.objects.create(
            kind=kind, subject_kind="payment", subject=str(new_id()), facts=facts,
            amount_minor=minor, currency="USD", opened_at=now - timedelta(hours=len(kind)),
            last_seen_at=now, payment_id=None if nobodys else payment.pk,
            customer_account_id=None if nobodys else payment.customer_account_id,
        )  # fmt: skip


def _payouts(door: Door) -> None:
    now = clock.now()
    with writing():
        for n, (state, minor, items) in enumerate(
            (("paid", 1_204_125, 1_204_000), ("paid", 845_000, 845_000),
             ("in_transit", 92_310, 92_310), ("failed", 12_000, 12_000))
        ):  # fmt: skip
            Payout.objects.create(
                gateway_account_id=door.ground.gateway_account_id, payout_id=f"po_{20413 - n}",
                state=state, amount_minor=minor, items_minor=items, currency="USD",
                made_at=now - timedelta(days=n), read_at=now,
                reconciled_at=now if state == "paid" and minor == items else None,
            )  # fmt: skip
