"""Tells the wallet what became of a payment: what the payer saved with it, or that it failed."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from quittance.core import clock
from quittance.payments.asked import consent_of
from quittance.payments.models import GatewayAttempt, Payment
from quittance.tenancy.rows import reading, writing
from quittance.wallet.consents import end_consent
from quittance.wallet.keeping import look_soon
from quittance.wallet.saving import adopt_from_payment

A = GatewayAttempt.Status


def keep_what_was_saved(payment: Payment, attempts: Iterable[GatewayAttempt]) -> None:
    """Tell the wallet, outside of any transaction; a second call finds that it knows.

    ``attempts`` are those of the payment, as old as you like: what they were asked with stays.
    Raises ``OutsideError``: the gateway is asked what it keeps.
    """
    if not any(map(consent_of, attempts)):
        return
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


def keep_nothing(payment: Payment, *, reason: str) -> None:
    """Tell the wallet of a payment that came to nothing, in the transaction that ends it.

    What was agreed to for saving ends with it; a kept method that is gone there is looked at.
    """
    for attempt in payment.attempts.all():
        consent_id = consent_of(attempt)
        if consent_id is not None:
            end_consent(UUID(consent_id))
        if reason == "method_gone" and attempt.kept_method_id is not None:
            look_soon(attempt.kept_method_id)
