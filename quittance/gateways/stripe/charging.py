"""Charges of saved methods: an intent is made first, and confirmed once its id is kept."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from quittance.core.errors import OutcomeUnknown, OutsideError, Refused
from quittance.gateways.amounts import whole_number
from quittance.gateways.base import Agreement, GatewayPayment
from quittance.gateways.charges import ChargeRequest, StartedBy
from quittance.gateways.stripe import shapes
from quittance.gateways.stripe.account import CHARGE, DEBITS, FLOW, REFERENCE, Account, kind_of
from quittance.gateways.stripe.payments import read, read_intent
from quittance.gateways.stripe.translate import payment_of_intent

if TYPE_CHECKING:
    from stripe.params import PaymentIntentConfirmParams

# What networks want to be told of a charge that the payer does not start. Source: the type of
# ``stored_credential_usage`` in the SDK's PaymentIntentConfirmParams; features 5.3.
_USAGES: Final = {
    Agreement.UNSCHEDULED: "unscheduled",
    Agreement.INSTALLMENTS: "installment",
    Agreement.RECURRING: "recurring",
}


def prepare(account: Account, request: ChargeRequest) -> GatewayPayment:
    """See ``ChargesSavedMethods.prepare_charge``."""
    made = account.calls.do(
        shapes.Intent,
        lambda api: api.v1.payment_intents.create(
            {
                "amount": whole_number(request.amount, account.facts),
                "currency": request.amount.currency.lower(),
                "customer": request.gateway_payer,
                "payment_method": request.gateway_method,
                "allowed_payment_method_types": [_kind(request)],
                "description": request.description,
                "metadata": {REFERENCE: request.reference, FLOW: CHARGE},
            },
            {"idempotency_key": request.reference},
        ),
    )
    answer = payment_of_intent(account, made)
    if answer.reference != request.reference:
        raise OutcomeUnknown("It answered about another payment.", gateway_object=made.id)
    return answer


def charge(account: Account, gateway_object: str, request: ChargeRequest) -> GatewayPayment:
    """See ``ChargesSavedMethods.charge``.

    A charge that failed is cancelled, so that it is over at Stripe too. Of a decline Stripe speaks
    by an error; what became of the intent is read.
    """
    before = read_intent(account, gateway_object)
    if before.metadata.get(FLOW) != CHARGE or before.metadata.get(REFERENCE) != request.reference:
        raise Refused("This is another payment.", gateway_object=gateway_object)
    if before.status == "requires_confirmation":
        try:
            account.calls.do(
                shapes.Intent,
                lambda api: api.v1.payment_intents.confirm(
                    gateway_object,
                    _confirm_params(request),
                    {"idempotency_key": f"{request.reference}:confirm"},
                ),
            )
        except Refused as error:
            if error.facts.get("status") != 402:
                raise
    now = read_intent(account, gateway_object)
    if now.status == "requires_payment_method":
        _give_up(account, gateway_object)
    return read(account, gateway_object)


def _give_up(account: Account, intent: str) -> None:
    """Close what failed. Nobody but us can pay it, so a failure here changes nothing."""
    with contextlib.suppress(OutsideError):
        account.calls.do(
            shapes.Intent,
            lambda api: api.v1.payment_intents.cancel(intent, {"cancellation_reason": "abandoned"}),
        )


def _confirm_params(request: ChargeRequest) -> PaymentIntentConfirmParams:
    """Flag who starts it. Stripe itself names the payment that began the agreement [docs]."""
    kind = _kind(request)
    if request.started_by is StartedBy.PAYER:
        params: PaymentIntentConfirmParams = {"return_url": request.return_url}
    else:
        params = {"off_session": True}
        usage = _USAGES.get(request.agreement)
        if kind == "card" and usage:
            params["payment_method_options"] = {"card": {"stored_credential_usage": usage}}
    if kind in DEBITS and request.gateway_mandate:
        params["mandate"] = request.gateway_mandate
    return params


def _kind(request: ChargeRequest) -> str:
    """Return Stripe's word for the method; one with a mandate is a bank account."""
    method = "bank_debit" if request.gateway_mandate else "card"
    return kind_of(method, request.amount.currency)
