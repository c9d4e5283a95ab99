"""Cancels a payment that the payer does not want to go on with."""

from __future__ import annotations

from uuid import UUID

from quittance.connections.open import gateway_for
from quittance.core.errors import RuleBroken
from quittance.gateways.base import PaymentState
from quittance.payments.capture import apply_answer
from quittance.payments.models import GatewayAttempt, Payment
from quittance.payments.quarantine import does_not_fit
from quittance.payments.taking import GivenUp, let_go
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened


class CannotCancel(RuleBroken):
    """This payment cannot be cancelled any more: it is over, or the bank has it."""


def cancel_payment(payment_id: UUID) -> Payment:
    """Close the payment at the gateway first, then here; return what became of it.

    The gateway's word wins: a payment that succeeded meanwhile comes back ``SUCCEEDED``. Raises
    ``CannotCancel``, or the gateway's ``OutsideError``: then nothing has changed, or it is closed
    as soon as the gateway can be asked.
    """
    with reading():
        payment = Payment.objects.get(pk=payment_id)
        attempt = payment.attempts.filter(status=GatewayAttempt.Status.OPEN).first()
    if attempt is None or not attempt.gateway_object:
        raise CannotCancel
    gateway = gateway_for(payment.gateway_key)
    told = gateway.read_payment(attempt.gateway_object)
    with reading():
        if does_not_fit(attempt, told):  # it may be a stranger's
            raise CannotCancel
    answer = told
    if told.state is PaymentState.OPEN:
        try:
            answer = let_go(gateway, attempt, told)
        except GivenUp:
            raise CannotCancel from None
    with widened(), writing():
        return apply_answer(attempt.pk, answer)
