"""Takes money over that a gateway holds for us and of which we have no row: on account."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Final
from uuid import UUID

from quittance.core import clock
from quittance.core.ids import new_id, new_number
from quittance.gateways.base import GatewayPayment
from quittance.payments.capture import apply_answer
from quittance.payments.models import GatewayAttempt, Payment, PaymentAccount
from quittance.payments.transitions import move_attempt, move_payment
from quittance.tenancy.rows import because

_CAUSE: Final = "found in the gateway's books, booked by a person"
_METHOD: Final = "card"  # a gateway's payment does not say which
_KEY: Final = "adopted:"
_LONGEST: Final = 64  # characters of a reference of ours


def adopt_charge(
    answer: GatewayPayment, *, gateway_account_id: UUID, customer_account_id: UUID
) -> Payment:
    """Write a payment down that only the gateway knows, inside a transaction; all of it on account.

    It has the id that it had before, if its reference names one and that is free; a second charge
    under a reference of ours gets one of its own. The ledger's entry and the ERP's posting are made
    as for any payment. A second call finds the first.
    """
    earlier = adopted(gateway_account_id, answer.gateway_object)
    if earlier:
        return earlier
    key = _key(gateway_account_id, answer.gateway_object)
    because(_CAUSE)
    payment = Payment.objects.create(
        id=_id_in(answer.reference), number=new_number("P"),
        customer_account_id=customer_account_id, gateway_account_id=gateway_account_id,
        origin=Payment.Origin.BACK_OFFICE, amount_minor=answer.amount.minor,
        on_account_minor=answer.amount.minor, currency=answer.amount.currency, method=_METHOD,
        idempotency_key=key, fingerprint=key, next_at=clock.now(),
    )  # fmt: skip
    PaymentAccount.objects.create(
        payment=payment, customer_account_id=customer_account_id, created_at=payment.created_at
    )
    attempt = GatewayAttempt.objects.create(
        payment=payment, customer_account_id=customer_account_id,
        gateway_account_id=gateway_account_id, reference=_free(answer.reference),
        amount_minor=answer.amount.minor, currency=answer.amount.currency, method=_METHOD,
        return_url="", cancel_url="", locale="en",
    )  # fmt: skip
    move_payment(payment, Payment.Status.IN_FLIGHT, cause=_CAUSE)
    move_attempt(attempt, GatewayAttempt.Status.SENT, cause=_CAUSE, sent_at=clock.now())
    return apply_answer(attempt.pk, replace(answer, reference=attempt.reference))


def adopted(gateway_account_id: UUID, gateway_object: str) -> Payment | None:
    """Return the payment as which a gateway's object was written down by a person, if it was."""
    return Payment.objects.filter(
        idempotency_key__startswith=_KEY, attempts__gateway_account=gateway_account_id,
        attempts__gateway_object=gateway_object,
    ).first()  # fmt: skip


def _key(gateway_account_id: UUID, gateway_object: str) -> str:
    """Return a key as short as any, however long the gateway's id is."""
    named = sha256(f"{gateway_account_id}:{gateway_object}".encode()).hexdigest()
    return f"{_KEY}{named}"[:_LONGEST]


def _free(reference: str) -> str:
    taken = GatewayAttempt.objects.filter(reference=reference).exists()
    return f"{new_id()}:1" if taken or not 0 < len(reference) <= _LONGEST else reference


def _id_in(reference: str) -> UUID:
    try:
        found = UUID(reference.partition(":")[0])
    except ValueError:
        return new_id()
    return new_id() if Payment.objects.filter(pk=found).exists() else found
