"""GoCardless's words and ours."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, time
from typing import Final

from quittance.core.errors import Unavailable
from quittance.core.money import InexactAmount, Money
from quittance.gateways.amounts import from_whole_number
from quittance.gateways.base import (
    Capabilities,
    GatewayPayment,
    PaymentState,
    ReturnRule,
    WebhookEvent,
)
from quittance.gateways.gocardless.shapes import BankAccount, Event, Mandate, Payment
from quittance.gateways.saved import (
    GatewayMandate,
    MandateState,
    MethodEvent,
    MethodNews,
    SavedMethod,
)

FACTS: Final = Capabilities(
    currencies=frozenset({"EUR", "GBP"}),
    methods=("bank_debit",),
    key_lifetime_hours=24,  # [?] the reference gives no time; a day is what others keep
    settle_seconds=60,  # [?]
    saved_methods=frozenset({"bank_debit"}),
    returns=(
        ReturnRule(
            method="bank_debit", currency="EUR", days=56, unauthorized_days=396,
            source="SEPA Core: 8 weeks without a reason, 13 months unauthorized (features 5.2)",
        ),
        ReturnRule(
            method="bank_debit", currency="GBP", days=3650, unauthorized_days=3650,
            source="Bacs: the guarantee has no time limit (features 5.2); ten years stand for it",
        ),
    ),
)  # fmt: skip
STATES: Final = {
    "pending_customer_approval": PaymentState.PROCESSING,
    "pending_submission": PaymentState.PROCESSING,
    "submitted": PaymentState.PROCESSING,
    "confirmed": PaymentState.SUCCEEDED,
    "paid_out": PaymentState.SUCCEEDED,
    "charged_back": PaymentState.SUCCEEDED,  # it did succeed; that it went back is a movement
    "cancelled": PaymentState.CANCELLED,
    "customer_approval_denied": PaymentState.FAILED,
    "failed": PaymentState.FAILED,
}
CAUSES: Final = {  # of a failed payment's event [docs]
    "insufficient_funds": "insufficient_funds",
    "refer_to_payer": "insufficient_funds",
    "bank_account_closed": "account_closed",
    "invalid_bank_details": "account_closed",
    "mandate_cancelled": "method_gone",
    "mandate_expired": "method_gone",
    "authorisation_disputed": "method_gone",
}
MANDATES: Final = {
    "pending_customer_approval": MandateState.PENDING,
    "pending_submission": MandateState.PENDING,
    "submitted": MandateState.PENDING,
    "active": MandateState.ACTIVE,
}  # any other: ended
_NEWS: Final = {
    "active": MethodNews.MANDATE,
    "reinstated": MethodNews.MANDATE,
    "transferred": MethodNews.CHANGED,  # the payer moved to another bank
    "replaced": MethodNews.CHANGED,
    "cancelled": MethodNews.GONE,
    "failed": MethodNews.GONE,
    "expired": MethodNews.GONE,
    "consumed": MethodNews.GONE,
    "blocked": MethodNews.GONE,
}
# Metadata has at most three members [docs]. ``PURPOSE`` is "payment 1050 GBP", "kept 1050 GBP" (a
# payment that saves its account too) or "saving" and the version of the text; ``BACK`` is where the
# payer is led; ``REQUEST`` stands at a payment.
REFERENCE, PURPOSE, BACK, REQUEST = "reference", "purpose", "back", "billing_request"


def purpose_of(metadata: dict[str, str]) -> str:
    """Return "payment", "kept" or "saving"; "" for what is not ours."""
    return metadata.get(PURPOSE, "").partition(" ")[0]


def amount_of(metadata: dict[str, str]) -> Money:
    """Return what a billing request of ours was made for. Raises ``Unavailable`` if it is not."""
    found = re.fullmatch(r"(payment|kept) ([0-9]{1,18}) (EUR|GBP)", metadata.get(PURPOSE, ""))
    if found is None:
        raise Unavailable("It answered about something that is not ours.")
    return Money(int(found[2]), found[3])


def payment_of(
    said: Payment, *, gateway_object: str, account: BankAccount | None, events: Iterable[Event]
) -> GatewayPayment:
    """Translate a debit that failed or did not; ``events`` are its own when it failed.

    One that was confirmed before did succeed: that its money went back is a movement.
    """
    told = {each.action: each for each in events if each.resource_type == "payments"}
    state = PaymentState.SUCCEEDED if "confirmed" in told else STATES[said.status]
    why = told.get("failed")
    try:
        amount = from_whole_number(said.amount, said.currency, FACTS)
    except InexactAmount as error:
        raise Unavailable("Its amount makes no sense.", id=said.id) from error
    on = said.charge_date if state is PaymentState.SUCCEEDED else None
    return GatewayPayment(
        gateway_object=gateway_object,
        reference=said.metadata.get(REFERENCE, ""),
        state=state,
        amount=amount,
        method_label=label_of(account) if account else "",
        reason=(CAUSES.get(why.details.cause, "declined") if why else "declined")
        if state is PaymentState.FAILED
        else "",
        detail=f"{why.details.cause}: {why.details.description}" if why else "",
        succeeded_at=datetime.combine(on, time(), UTC) if on else None,
    )


def label_of(account: BankAccount) -> str:
    """Return what the payer recognizes the account by."""
    return f"{account.bank_name} ••{account.account_number_ending}"


def mandate_of(said: Mandate) -> GatewayMandate:
    """Translate a mandate."""
    return GatewayMandate(
        gateway_mandate=said.id,
        reference=said.reference or "",
        scheme=said.scheme if said.scheme in {"bacs", "sepa_core"} else "other",
        state=MANDATES.get(said.status, MandateState.ENDED),
        detail=said.status,
    )


def method_of(said: Mandate, account: BankAccount) -> SavedMethod:
    """Translate a mandate to what it is for us: a saved bank account."""
    mandate = mandate_of(said)
    return SavedMethod(
        gateway_method=said.id,
        gateway_payer=said.links.customer,
        method="bank_debit",
        is_usable=mandate.state is not MandateState.ENDED,
        bank_name=account.bank_name,
        last4=account.account_number_ending,
        fingerprint=account.id,
        mandate=mandate,
    )


def payment_events(events: Iterable[Event]) -> list[WebhookEvent]:
    """Return the events about payments, each under the id that we know the payment by."""
    found = []
    for event in events:
        about = event.links.payment and (
            event.resource_metadata.get(REQUEST) or event.links.payment
        )
        if event.resource_type == "billing_requests" and not _is_saving(event):
            about = event.links.billing_request
        if about:
            kind = f"{event.resource_type}.{event.action}"
            found.append(WebhookEvent(event_id=event.id, gateway_object=about, kind=kind))
    return found


def method_events(events: Iterable[Event]) -> list[MethodEvent]:
    """Return the events about savings and mandates."""
    found = []
    for event in events:
        kind = f"{event.resource_type}.{event.action}"
        if event.resource_type == "billing_requests" and _is_saving(event):
            saving = event.links.billing_request
            found.append(
                MethodEvent(
                    event_id=event.id, news=MethodNews.SAVING, gateway_saving=saving, kind=kind
                )
            )
        elif event.resource_type == "mandates" and event.action in _NEWS:
            news, method = _NEWS[event.action], event.links.mandate
            found.append(
                MethodEvent(
                    event_id=event.id,
                    news=news,
                    gateway_method=method,
                    kind=kind,
                    code=event.details.reason_code,
                )
            )
    return found


def _is_saving(event: Event) -> bool:
    return purpose_of(event.resource_metadata) == "saving"
