"""Disputes of cards; what a bank debit's bank takes back is a return."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, cast

from quittance.core.errors import Unavailable
from quittance.gateways.base import DisputeState, GatewayDispute
from quittance.gateways.stripe import shapes
from quittance.gateways.stripe.account import Account
from quittance.gateways.stripe.payments import intent_id
from quittance.gateways.stripe.translate import moment

if TYPE_CHECKING:
    from stripe.params import DisputeListParams

STATES: Final = {
    "warning_needs_response": DisputeState.OPEN,
    "needs_response": DisputeState.OPEN,
    "appeal_needs_response": DisputeState.OPEN,
    "warning_under_review": DisputeState.UNDER_REVIEW,
    "under_review": DisputeState.UNDER_REVIEW,
    "appeal_under_review": DisputeState.UNDER_REVIEW,
    "warning_closed": DisputeState.WON,
    "prevented": DisputeState.WON,
    "won": DisputeState.WON,
    "lost": DisputeState.LOST,
}
# Stripe's words for why a debit failed, and the code that Nacha has for it. Stripe joins several
# codes in one word, so the strictest is taken: what may be a missing consent counts as one. The
# network's own code is taken where it is told. Source: [inf] from the descriptions of both.
_CODES: Final = {
    "insufficient_funds": "R01",
    "account_closed": "R02",
    "no_account": "R03",
    "incorrect_account_details": "R03",
    "invalid_account_number_length": "R04",
    "debit_not_authorized": "R10",
    "customer_initiated": "R08",
    "bank_account_restricted": "R16",
    "bank_account_unusable": "R16",
    "bank_cannot_process": "R20",
    "bank_ownership_changed": "R02",
}


def of_payment(account: Account, gateway_object: str) -> Sequence[GatewayDispute]:
    """See ``ReportsDisputes.disputes_of``. A debit that came back is none: see ``movements_of``."""
    intent = intent_id(account, gateway_object)
    found = of_intent(account, intent) if intent else []
    return [_dispute(account, each, gateway_object) for each in found if not is_return(each)]


def of_intent(account: Account, intent: str) -> list[shapes.Dispute]:
    """Return all disputes of one payment with their entries in the books, the oldest first."""
    said = account.calls.all(
        shapes.Dispute,
        lambda api, page: api.v1.disputes.list(cast("DisputeListParams", page)),
        payment_intent=intent,
    )
    if any(each.payment_intent != intent for each in said):
        raise Unavailable("It answered about another payment.", intent=intent)
    return list(reversed(said))


def is_return(said: shapes.Dispute) -> bool:
    """Say whether a dispute is the return of a bank debit.

    Stripe tells details of the disputed method for cards and wallets, never for bank debits, and
    such a dispute cannot be answered. Source: the type of ``Dispute.payment_method_details``.
    """
    return said.payment_method_details is None


def return_code(word: str | None, network: str | None) -> str:
    """Return the bank's code for a return: the network's own, else the one behind Stripe's word."""
    if network and len(network) == 3 and network[0] == "R":
        return network
    return network or _CODES.get(word or "", word or "")


def _dispute(account: Account, said: shapes.Dispute, gateway_object: str) -> GatewayDispute:
    state = STATES.get(said.status)
    if state is None:
        raise Unavailable("It says a word that we do not know.", status=said.status)
    due_by = said.evidence_details.due_by
    is_over = state in {DisputeState.WON, DisputeState.LOST}
    return GatewayDispute(
        gateway_dispute=said.id,
        gateway_object=gateway_object,
        state=state,
        amount=account.money(said.amount, said.currency),
        reason=said.reason,
        answer_until=moment(due_by) if due_by and not is_over else None,
    )
