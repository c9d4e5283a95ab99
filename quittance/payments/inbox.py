"""Keeps a gateway's messages, once each; what they mean is asked of the gateway."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from quittance.connections.models import GatewayAccount
from quittance.connections.open import gateway_for
from quittance.core import clock
from quittance.core.errors import Refused
from quittance.gateways.base import WebhookEvent
from quittance.gateways.saved import MethodEvent, ReportsMethods
from quittance.payments.jobs import wake
from quittance.payments.models import GatewayAttempt, GatewayMessage, Payment
from quittance.tenancy.rows import reading, writing
from quittance.wallet.inbox import keep_method_event

_LONGEST_ID: Final = 100  # of ``GatewayMessage``


class NoSuchAddress(LookupError):
    """No gateway account has this webhook address."""


def keep_messages(path: str, headers: Mapping[str, str], body: bytes) -> int:
    """Verify a webhook, keep what is new in it, wake what it is about; return how many were new.

    A message about an object that we do not know (yet) is kept too: the payment is asked about when
    its own answer is written. What is about kept methods goes to the wallet. Raises
    ``NoSuchAddress``, ``Refused`` for a forged message.
    """
    with reading():
        account = GatewayAccount.objects.filter(webhook_path=path, is_active=True).first()
    if account is None:
        raise NoSuchAddress(path)
    gateway = gateway_for(account.pk, though_shut=True)
    events = gateway.read_webhook(headers, body)
    # Verified before anything is kept: a signature grows old while we write.
    of_methods: Sequence[MethodEvent] = ()
    if isinstance(gateway, ReportsMethods):
        of_methods = gateway.read_method_webhook(headers, body)
    new = 0
    for event in events:
        _check_length(event)
        with writing():
            _, is_new = GatewayMessage.objects.get_or_create(
                gateway_account=account,
                event_id=event.event_id,
                defaults={"gateway_object": event.gateway_object, "kind": event.kind[:60]},
            )
            if is_new:
                _wake_payment(account.pk, event.gateway_object)
                new += 1
    return new + sum(keep_method_event(account, each) for each in of_methods)


def _check_length(event: WebhookEvent) -> None:
    if max(len(event.event_id), len(event.gateway_object)) > _LONGEST_ID:
        raise Refused("The webhook is signed, but its ids are longer than any we keep.")


def _wake_payment(gateway_account_id: UUID, gateway_object: str) -> None:
    attempt = GatewayAttempt.objects.filter(
        gateway_account_id=gateway_account_id, gateway_object=gateway_object
    ).first()
    if attempt is None:
        return
    # The job may be lost, the row may not: the message waits until the payment was looked at.
    payment = Payment.objects.filter(pk=attempt.payment_id)
    payment.update(next_at=clock.now())
    wake(attempt.payment_id)
