"""Knows what a gateway is asked for one payment: always the same, however often it is asked.

What is more than an amount and a method is kept in the attempt's row: the kept method that is
charged, as it was when the payer confirmed; the payer and his consent, when he saves a method.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from quittance.core.errors import Misconfigured
from quittance.gateways.base import Consent, Gateway, GatewayPayment, Payer, PaymentRequest
from quittance.gateways.charges import ChargeRequest, ChargesSavedMethods, StartedBy
from quittance.payments.models import GatewayAttempt
from quittance.payments.orders import PaymentOrder
from quittance.wallet.charging import Chargeable

_OF_A_METHOD: Final = (
    "gateway_method", "gateway_payer", "agreement", "initial_reference", "gateway_mandate",
)  # fmt: skip


def asked_with(
    order: PaymentOrder, method: Chargeable | None, *, entry: str = ""
) -> dict[str, Any] | None:
    """Return what an attempt remembers of an order besides its columns; ``None`` for nothing.

    ``entry``: what a debit is called that is taken once more ("RETRY PYMT").
    """
    asked: dict[str, Any] = {"entry": entry} if entry else {}
    if method is not None:
        asked["charge"] = {name: getattr(method, name) for name in _OF_A_METHOD}
    if order.save is not None and order.payer is not None:
        asked |= {"payer": order.payer, "consent": order.save, "consent_id": order.consent_id}
    if order.embedded:
        asked["embedded"] = True
    kept: dict[str, Any] = msgspec.to_builtins(asked)
    return kept or None


def is_charge(attempt: GatewayAttempt) -> bool:
    """Whether a kept method is charged, so that no page of the gateway is shown first."""
    return bool(attempt.asked_with and "charge" in attempt.asked_with)


def charged_method(attempt: GatewayAttempt) -> str:
    """Return the gateway's token of the kept method that is charged."""
    return str((attempt.asked_with or {})["charge"]["gateway_method"])


def consent_of(attempt: GatewayAttempt) -> str | None:
    """Return the wallet's id of the consent under which the gateway keeps what is paid with."""
    return (attempt.asked_with or {}).get("consent_id")


def begin(gateway: Gateway, attempt: GatewayAttempt) -> GatewayPayment:
    """Have the gateway make its object for an attempt. Raises ``OutsideError``."""
    if not is_charge(attempt):
        return gateway.create_payment(request_of(attempt))
    if not isinstance(gateway, ChargesSavedMethods):
        raise Misconfigured("This gateway charges no method that it keeps.")
    return gateway.prepare_charge(charge_of(attempt))


def request_of(attempt: GatewayAttempt) -> PaymentRequest:
    """Return what the gateway is asked for a payment on its page, or in its fields."""
    asked = attempt.asked_with or {}
    payer, consent = asked.get("payer"), asked.get("consent")
    return PaymentRequest(
        reference=attempt.reference,
        amount=attempt.amount,
        method=attempt.method,
        description=_description(attempt),
        return_url=attempt.return_url,
        cancel_url=attempt.cancel_url,
        locale=attempt.locale,
        embedded=asked.get("embedded", False),
        payer=msgspec.convert(payer, Payer) if payer else None,
        consent=msgspec.convert(consent, Consent) if consent else None,
    )


def charge_of(attempt: GatewayAttempt) -> ChargeRequest:
    """Return what the gateway is asked for a charge of a kept method."""
    said = {
        "reference": attempt.reference,
        "amount": attempt.amount,
        "description": _description(attempt),
        "started_by": StartedBy(attempt.started_by),
        "return_url": attempt.return_url,
        "locale": attempt.locale,
        **(attempt.asked_with or {})["charge"],
    }
    return msgspec.convert(said, ChargeRequest)


def _description(attempt: GatewayAttempt) -> str:
    """Say what it is for; gateways write the entry themselves, so its name can only stand here."""
    entry = (attempt.asked_with or {}).get("entry", "")
    return f"{entry} Payment {attempt.payment.number}".strip()
