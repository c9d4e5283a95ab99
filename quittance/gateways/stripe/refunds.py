"""Refunds: made once, and found again by our reference."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, cast

from quittance.core.errors import OutcomeUnknown, Refused, Unavailable
from quittance.gateways.amounts import whole_number
from quittance.gateways.base import GatewayRefund, RefundRequest, RefundState
from quittance.gateways.stripe import shapes
from quittance.gateways.stripe.account import REFERENCE, Account
from quittance.gateways.stripe.payments import intent_id

if TYPE_CHECKING:
    from stripe.params import RefundListParams

STATES: Final = {
    "pending": RefundState.PENDING,
    "requires_action": RefundState.PENDING,
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}
_REFUND: Final = re.compile(r"(re|pyr)_[A-Za-z0-9]+")


def create(account: Account, request: RefundRequest) -> GatewayRefund:
    """See ``Refunds.create_refund``. An answer about anything else is no answer."""
    intent = intent_id(account, request.gateway_object)
    if not intent:
        raise Refused("Nobody has paid this yet.", gateway_object=request.gateway_object)
    made = account.calls.do(
        shapes.Refund,
        lambda api: api.v1.refunds.create(
            {
                "payment_intent": intent,
                "amount": whole_number(request.amount, account.facts),
                "metadata": {REFERENCE: request.reference},
            },
            {"idempotency_key": request.reference},
        ),
    )
    told = _refund(account, made, request.gateway_object)
    if (told.reference, made.payment_intent, told.amount) != (
        request.reference, intent, request.amount,
    ):  # fmt: skip
        raise OutcomeUnknown("It answered about another refund.", gateway_refund=made.id)
    return told


def read(account: Account, gateway_refund: str) -> GatewayRefund:
    """See ``Refunds.read_refund``."""
    if not _REFUND.fullmatch(gateway_refund):
        raise Refused("This is no id of a refund at Stripe.", gateway_refund=gateway_refund)
    said = account.calls.ask(shapes.Refund, lambda api: api.v1.refunds.retrieve(gateway_refund))
    if said.id != gateway_refund or not said.payment_intent:
        raise Unavailable("It answered about another refund.", gateway_refund=said.id)
    return _refund(account, said, account.object_of(said.payment_intent))


def find(account: Account, reference: str, *, gateway_object: str) -> GatewayRefund | None:
    """See ``Refunds.find_refund``. The list of one payment's refunds shows each at once.

    A payment that this account does not have is ``Refused``, never "there is none". Were there two
    (our key was forgotten after a day), one that did not fail is returned.
    """
    intent = intent_id(account, gateway_object)
    if not intent:
        return None
    found = [
        _refund(account, each, gateway_object)
        for each in of_intent(account, intent)
        if (each.metadata or {}).get(REFERENCE) == reference
    ]
    return max(found, key=lambda one: one.state is not RefundState.FAILED, default=None)


def of_intent(account: Account, intent: str) -> list[shapes.Refund]:
    """Return all refunds of one payment with their entries in the books, the oldest first."""
    said = account.calls.all(
        shapes.Refund,
        lambda api, page: api.v1.refunds.list(cast("RefundListParams", page)),
        payment_intent=intent,
        expand=["data.balance_transaction", "data.failure_balance_transaction"],
    )
    if any(each.payment_intent != intent for each in said):
        raise Unavailable("It answered about another payment.", intent=intent)
    return list(reversed(said))


def _refund(account: Account, said: shapes.Refund, gateway_object: str) -> GatewayRefund:
    state = STATES.get(said.status)
    if state is None:
        raise Unavailable("It says a word that we do not know.", status=said.status)
    return GatewayRefund(
        gateway_refund=said.id,
        gateway_object=gateway_object,
        reference=(said.metadata or {}).get(REFERENCE, ""),
        state=state,
        amount=account.money(said.amount, said.currency),
        detail=(said.failure_reason or said.status) if state is RefundState.FAILED else "",
    )
