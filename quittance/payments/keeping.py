"""Has the wallet keep what a payer saved with a payment, once the payment has succeeded."""

from __future__ import annotations

from uuid import UUID

from quittance.core import clock
from quittance.payments.asked import consent_of
from quittance.payments.models import GatewayAttempt, Payment
from quittance.tenancy.rows import reading, writing
from quittance.wallet.saving import adopt_from_payment

A = GatewayAttempt.Status


def keep_what_was_saved(payment: Payment) -> None:
    """Tell the wallet, outside of any transaction; a second call finds that it knows.

    Raises ``OutsideError``: the gateway is asked what it keeps.
    """
    with reading():
        attempt = payment.attempts.filter(
            status=A.SUCCEEDED, asked_with__isnull=False, method_kept_at=None
        ).first()
    consent_id = consent_of(attempt) if attempt else None
    if attempt is None or consent_id is None:
        return
    adopt_from_payment(
        gateway_account_id=attempt.gateway_account_id, consent_id=UUID(consent_id),
        gateway_object=attempt.gateway_object or "", currency=attempt.currency,
    )  # fmt: skip
    with writing():
        GatewayAttempt.objects.filter(pk=attempt.pk).update(method_kept_at=clock.now())
