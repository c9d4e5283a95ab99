"""Stripe's words for payments and ours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Final

from quittance.core.clock import now
from quittance.core.money import Money
from quittance.gateways.base import GatewayPayment, PaymentState
from quittance.gateways.stripe import shapes
from quittance.gateways.stripe.account import CHARGE, FLOW, REFERENCE, Account

# Why an attempt failed: the decline code first, then the error's. Any other is a plain decline.
# Source: docs.stripe.com/declines/codes and docs.stripe.com/error-codes [docs].
REASONS: Final = {
    "insufficient_funds": "insufficient_funds",
    "expired_card": "expired_card",
    "fraudulent": "fraud",
    "highest_risk_level": "fraud",
    "merchant_blacklist": "fraud",
    "stolen_card": "fraud",
    "lost_card": "fraud",
    "authentication_required": "authentication_required",
    "payment_intent_authentication_failure": "authentication_failed",
    "setup_intent_authentication_failure": "authentication_failed",
    "account_closed": "account_closed",
    "no_account": "account_closed",
    "bank_account_unusable": "account_closed",
    "debit_not_authorized": "method_gone",
    "payment_method_not_available": "method_gone",
    "payment_intent_mandate_invalid": "method_gone",
    "processing_error": "gateway_fault",
    "payment_method_microdeposit_failed": "verification_failed",
    "payment_method_microdeposit_verification_attempts_exceeded": "verification_failed",
    "payment_method_microdeposit_verification_timeout": "verification_failed",
    "payment_method_provider_timeout": "gateway_fault",
}
BRANDS: Final = {
    "amex": "American Express", "cartes_bancaires": "Cartes Bancaires", "diners": "Diners Club",
    "discover": "Discover", "eftpos_au": "eftpos", "jcb": "JCB", "link": "Link",
    "mastercard": "Mastercard", "unionpay": "UnionPay", "visa": "Visa",
}  # fmt: skip
_OVER: Final = {PaymentState.FAILED, PaymentState.CANCELLED}
_DIRECT: Final = {
    "requires_payment_method": PaymentState.OPEN,
    "requires_confirmation": PaymentState.OPEN,
    "requires_action": PaymentState.OPEN,
    "processing": PaymentState.PROCESSING,
    "requires_capture": PaymentState.PROCESSING,  # we never ask for it
    "succeeded": PaymentState.SUCCEEDED,
}


def payment_of_intent(account: Account, said: shapes.Intent) -> GatewayPayment:
    """Translate an intent that we made ourselves: for fields on our page, or of a saved method.

    One of a saved method is known to nobody but us: what failed there is over. In fields the payer
    may try again until it is cancelled; then why the last try failed is the reason.
    """
    state = _DIRECT.get(said.status, PaymentState.CANCELLED)
    failed = problem_in(said) is not None
    is_charge = said.metadata.get(FLOW) == CHARGE
    if failed and (
        said.status == "canceled" or (is_charge and said.status == "requires_payment_method")
    ):
        state = PaymentState.FAILED
    return _payment(account, said.id, said, state, url=_next_url(said), waits=is_charge)


def payment_of_session(account: Account, said: shapes.Session) -> GatewayPayment:
    """Translate a Checkout Session with its intent, which there is once the payer pressed."""
    intent = said.payment_intent if isinstance(said.payment_intent, shapes.Intent) else None
    metadata = said.metadata or {}
    if intent is None:
        is_open = said.status == "open"
        ran_out = said.status == "expired" and said.expires_at <= now().timestamp()
        return GatewayPayment(
            gateway_object=said.id,
            reference=metadata.get(REFERENCE, ""),
            state=PaymentState.OPEN if is_open else PaymentState.CANCELLED,
            amount=account.money(said.amount_total or 0, said.currency or ""),
            redirect_url=(said.url or "") if is_open else "",
            reason="abandoned" if ran_out else "",
        )
    state = _hosted_state(said.status, intent)
    url = (said.url or "") if said.status == "open" else _next_url(intent)
    account.sessions[intent.id] = said.id
    return _payment(account, said.id, intent, state, url=url, reference=metadata.get(REFERENCE))


def _hosted_state(session: str, intent: shapes.Intent) -> PaymentState:
    """While the page is open the payer may try again; afterwards what failed is over."""
    if intent.status in {"succeeded", "processing", "requires_capture"}:
        return _DIRECT[intent.status]
    if session == "open":
        return PaymentState.OPEN
    if intent.status == "requires_action":
        return PaymentState.OPEN  # the account must be proven, days after the page was left
    is_cancelled = session == "expired" and problem_in(intent) is None
    return PaymentState.CANCELLED if is_cancelled else PaymentState.FAILED


def _payment(
    account: Account,
    object_: str,
    said: shapes.Intent,
    state: PaymentState,
    *,
    url: str,
    waits: bool = False,
    reference: str | None = None,
) -> GatewayPayment:
    charge = said.latest_charge if isinstance(said.latest_charge, shapes.Charge) else None
    entry = charge.balance_transaction if charge else None
    entry = entry if isinstance(entry, shapes.Transaction) else None
    paid = state is PaymentState.SUCCEEDED
    problem = problem_in(said)
    return GatewayPayment(
        gateway_object=object_,
        reference=said.metadata.get(REFERENCE, "") if reference is None else reference,
        state=state,
        amount=account.money(said.amount, said.currency),
        redirect_url=url if state is PaymentState.OPEN else "",
        waits_for_us=waits and said.status == "requires_confirmation",
        method_label=label_of(charge.payment_method_details) if charge else "",
        reason=reason_of(problem) if problem and state is PaymentState.FAILED else "",
        detail=detail_of(problem) if problem and not paid else "",
        succeeded_at=moment(entry.created if entry else charge.created)
        if paid and charge
        else None,
        fee=_fee(account, said, entry) if paid else None,
    )


def _fee(account: Account, said: shapes.Intent, entry: shapes.Transaction | None) -> Money | None:
    """Return what Stripe kept, unless it settled in another currency than was paid."""
    if entry is None or entry.currency != said.currency:
        return None
    return account.money(entry.fee, entry.currency)


def _next_url(said: shapes.Intent) -> str:
    """Return where the payer goes on: to his bank's question, or to the proof of his account."""
    action = said.next_action
    if action is None:
        return ""
    if action.verify_with_microdeposits is not None:
        return action.verify_with_microdeposits.hosted_verification_url
    return (action.redirect_to_url.url or "") if action.redirect_to_url else ""


def label_of(said: shapes.Details | None) -> str:
    """Return what people recognize a method by: "Visa ••4242"."""
    if said is None:
        return ""
    if said.card is not None:
        return f"{BRANDS.get(said.card.brand or '', 'Card')} ••{said.card.last4 or ''}"
    bank = said.us_bank_account or said.sepa_debit
    if bank is None:
        return said.type.replace("_", " ").capitalize()
    return f"{bank.bank_name or 'Bank account'} ••{bank.last4 or ''}"


def problem_in(said: shapes.Intent) -> shapes.Problem | None:
    """Return why the last attempt failed; also when the intent has forgotten it.

    Stripe clears the intent's own word at any later change [types]; its charge keeps it.
    """
    charge = said.latest_charge
    if said.last_payment_error is not None or not isinstance(charge, shapes.Charge):
        return said.last_payment_error
    if charge.status != "failed":
        return None
    reason = charge.outcome.reason if charge.outcome else None
    return shapes.Problem(code=charge.failure_code, decline_code=reason)


def reason_of(problem: shapes.Problem) -> str:
    """Return a word of ours for why an attempt failed."""
    words = (problem.decline_code or "", problem.code or "")
    return next((REASONS[word] for word in words if word in REASONS), "declined")


def detail_of(problem: shapes.Problem) -> str:
    """Return Stripe's own words, for the AR team."""
    code = problem.decline_code or problem.code or problem.type
    return f"{code}: {problem.message or ''}".strip(": ")


def moment(seconds: int) -> datetime:
    """Read one of Stripe's moments."""
    return datetime.fromtimestamp(seconds, UTC)


def day(seconds: int) -> date:
    """Read one of Stripe's days."""
    return moment(seconds).date()


def text_of(told: Mapping[str, object], name: str) -> str:
    """Return an id in an object that we know only a part of; "" when it is not there."""
    value = told.get(name)
    if isinstance(value, Mapping):
        value = value.get("id")
    return value if isinstance(value, str) else ""
