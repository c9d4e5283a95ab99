"""Payments that the payer makes: on Checkout's page, or in fields on our own."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final, cast
from uuid import UUID

from quittance.core.clock import now
from quittance.core.errors import OutcomeUnknown, Refused, Unavailable
from quittance.gateways.amounts import whole_number
from quittance.gateways.base import (
    Agreement,
    GatewayPayment,
    Payer,
    PaymentRequest,
    PaymentState,
)
from quittance.gateways.stripe import shapes
from quittance.gateways.stripe.account import (
    DEBITS,
    FIELDS,
    FLOW,
    HOSTED,
    REFERENCE,
    Account,
    kind_of,
    locale_of,
)
from quittance.gateways.stripe.translate import payment_of_intent, payment_of_session

if TYPE_CHECKING:
    from stripe.params import PaymentIntentCreateParams, PaymentIntentListParams
    from stripe.params.checkout import SessionCreateParams, SessionListParams

OF_SESSION: Final = ["payment_intent.latest_charge.balance_transaction"]
OF_INTENT: Final = ["latest_charge.balance_transaction"]
_SESSION: Final = re.compile(r"cs_[A-Za-z0-9_]+")
_INTENT: Final = re.compile(r"pi_[A-Za-z0-9_]+")
# A reference tells when its payment was written down; its attempts follow within these days.
_BEFORE, _SOON, _AFTER = timedelta(hours=1), timedelta(hours=2), timedelta(days=7)
_WITHOUT_DATE: Final = timedelta(days=30)
# A payment cannot wait days for micro-deposits while its invoices are held: the payer signs in at
# his bank, or saves the account first. Source: the type of ``verification_method``.
PROVEN_AT_ONCE: Final = "instant"
_NAME, _DESCRIPTION = 250, 500  # characters that we send; Stripe's own limits are not told [?]
_MONEY_MOVED: Final = {PaymentState.SUCCEEDED, PaymentState.PROCESSING}


def create(account: Account, request: PaymentRequest) -> GatewayPayment:
    """See ``Gateway.create_payment``."""
    kind = kind_of(request.method, request.amount.currency)
    customer = _customer(account, request)
    if request.embedded:
        if not account.credentials.publishable_key:
            raise Refused("Fields on our page need the publishable key.", field="publishable_key")
        made = account.calls.do(
            shapes.Intent,
            lambda api: api.v1.payment_intents.create(
                _intent_params(account, request, kind, customer),
                {"idempotency_key": request.reference},
            ),
        )
        answer = payment_of_intent(account, made)
    else:
        session = account.calls.do(
            shapes.Session,
            lambda api: api.v1.checkout.sessions.create(
                _session_params(account, request, kind, customer),
                {"idempotency_key": request.reference},
            ),
        )
        answer = payment_of_session(account, session)
    if answer.reference != request.reference:
        message = "It answered about another payment."
        raise OutcomeUnknown(message, gateway_object=answer.gateway_object)
    return answer


def read(account: Account, gateway_object: str) -> GatewayPayment:
    """See ``Gateway.read_payment``. Raises ``Refused`` for what is no id of a payment."""
    if _SESSION.fullmatch(gateway_object):
        session = read_session(account, gateway_object)
        if session.mode != "payment":
            raise Refused("This Checkout Session takes no payment.", gateway_object=session.id)
        return payment_of_session(account, session)
    intent = read_intent(account, gateway_object)
    if intent.metadata.get(FLOW) == HOSTED:
        return read(account, account.object_of(intent.id, intent.metadata))
    return payment_of_intent(account, intent)


def read_session(account: Account, id_: str) -> shapes.Session:
    """Return a Checkout Session with its payment as it is now."""
    said = account.calls.ask(
        shapes.Session,
        lambda api: api.v1.checkout.sessions.retrieve(id_, {"expand": OF_SESSION}),
    )
    if said.id != id_:
        raise Unavailable("It answered about another payment.", gateway_object=said.id)
    return said


def read_intent(account: Account, id_: str) -> shapes.Intent:
    """Return a payment intent with its charge as it is now."""
    if not _INTENT.fullmatch(id_):
        raise Refused("This is no id of a payment at Stripe.", gateway_object=id_)
    said = account.calls.ask(
        shapes.Intent,
        lambda api: api.v1.payment_intents.retrieve(id_, {"expand": OF_INTENT}),
    )
    if said.id != id_:
        raise Unavailable("It answered about another payment.", gateway_object=said.id)
    return said


def intent_id(account: Account, gateway_object: str) -> str:
    """Return the payment intent of a payment, or "" as long as Checkout has made none."""
    if not _SESSION.fullmatch(gateway_object):
        return read_intent(account, gateway_object).id
    intent = read_session(account, gateway_object).payment_intent
    return intent.id if isinstance(intent, shapes.Intent) else intent or ""


def find(account: Account, reference: str) -> GatewayPayment | None:
    """See ``Gateway.find_payment``. Looks through the lists, never asks the search.

    Stripe says that its search lags (a minute, more in an outage) and is not for reading what was
    just written; a list is not said to lag [docs]. A list can not be asked for metadata, so all
    that was made in the days in which this payment can have been made is looked through: our
    references begin with a UUID of version 7, which tells the time. A reference without one is
    looked for in the last 30 days. Repeating the request with its key would be as sure within a
    day, but it makes what it does not find, so that is for ``create_payment`` only. Were there two
    (our key was forgotten after a day), the one that moved money is returned.
    """
    for created in _windows(reference):
        found = [read(account, id_) for id_ in _listed(account, reference, created)]
        if found:
            return max(found, key=lambda one: one.state in _MONEY_MOVED)
    return None


def _listed(account: Account, reference: str, created: dict[str, int]) -> list[str]:
    sessions = account.calls.all(
        shapes.Session,
        lambda api, page: api.v1.checkout.sessions.list(cast("SessionListParams", page)),
        created=created,
    )
    intents = account.calls.all(
        shapes.Intent,
        lambda api, page: api.v1.payment_intents.list(cast("PaymentIntentListParams", page)),
        created=created,
    )
    ours = [each.id for each in sessions if each.mode == "payment" and _is(each, reference)]
    ours += [
        each.id for each in intents if _is(each, reference) and each.metadata.get(FLOW) != HOSTED
    ]
    return ours


def _is(said: shapes.Session | shapes.Intent, reference: str) -> bool:
    return (said.metadata or {}).get(REFERENCE) == reference


def _windows(reference: str) -> list[dict[str, int]]:
    """Return the times in which to look: first those in which nearly all are made."""
    try:
        id_ = UUID(reference.partition(":")[0])
    except ValueError:
        id_ = UUID(int=0)
    if id_.version != 7:
        return [{"gte": int((now() - _WITHOUT_DATE).timestamp())}]
    made = (id_.int >> 80) // 1000
    soon = made + int(_SOON.total_seconds())
    return [
        {"gte": made - int(_BEFORE.total_seconds()), "lte": soon},
        {"gt": soon, "lte": made + int(_AFTER.total_seconds())},
    ]


def cancel(account: Account, gateway_object: str) -> GatewayPayment:
    """See ``Gateway.cancel_payment``: Checkout's is expired, our own is cancelled.

    What cannot be closed is what it is: it succeeded, failed or is at the bank meanwhile.
    """
    now_ = read(account, gateway_object)
    if now_.state is not PaymentState.OPEN:
        return now_
    with contextlib.suppress(Refused):  # it moved on meanwhile: what it is now is read below
        _close(account, now_.gateway_object)
    return read(account, now_.gateway_object)


def _close(account: Account, object_: str) -> None:
    """Close what is open: the page, or what is left of it when only the proof is missing."""
    session = read_session(account, object_) if _SESSION.fullmatch(object_) else None
    if session is not None and session.status == "open":
        account.calls.do(shapes.Session, lambda api: api.v1.checkout.sessions.expire(session.id))
        return
    intent = intent_id(account, object_)
    account.calls.do(
        shapes.Intent,
        lambda api: api.v1.payment_intents.cancel(intent, {"cancellation_reason": "abandoned"}),
    )


def _intent_params(
    account: Account, request: PaymentRequest, kind: str, customer: str
) -> PaymentIntentCreateParams:
    params: PaymentIntentCreateParams = {
        "amount": whole_number(request.amount, account.facts),
        "currency": request.amount.currency.lower(),
        "allowed_payment_method_types": [kind],
        "description": request.description[:_DESCRIPTION],
        "metadata": {REFERENCE: request.reference, FLOW: FIELDS},
    }
    if kind == "us_bank_account":
        params["payment_method_options"] = {
            "us_bank_account": {"verification_method": PROVEN_AT_ONCE}
        }
    if customer:
        params["customer"] = customer
    if request.consent is not None:
        params["setup_future_usage"] = usage_of(request.consent.agreement, kind)
    return params


def _session_params(
    account: Account, request: PaymentRequest, kind: str, customer: str
) -> SessionCreateParams:
    told = {REFERENCE: request.reference, FLOW: HOSTED}
    params: SessionCreateParams = {
        "mode": "payment",
        "allowed_payment_method_types": [kind],
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": request.amount.currency.lower(),
                    "unit_amount": whole_number(request.amount, account.facts),
                    "product_data": {"name": request.description[:_NAME] or request.reference},
                },
            }
        ],
        "success_url": request.return_url,
        "cancel_url": request.cancel_url,
        "locale": locale_of(request.locale),
        "metadata": told,
        "payment_intent_data": {
            "description": request.description[:_DESCRIPTION],
            "metadata": told,
        },
        "adaptive_pricing": {"enabled": False},  # what is owed is owed in the invoice's currency
    }
    if kind == "us_bank_account":
        params["payment_method_options"] = {
            "us_bank_account": {"verification_method": PROVEN_AT_ONCE}
        }
    if customer:
        params["customer"] = customer
    if request.consent is not None:
        usage = usage_of(request.consent.agreement, kind)
        params["payment_intent_data"]["setup_future_usage"] = usage
    return params


def usage_of(agreement: Agreement, kind: str) -> str:
    """Return for what a method is kept: whether we shall charge it without the payer.

    Stripe flags the later charges to the networks by it, and asks for authentication now where the
    law wants it. Source: docs.stripe.com/payments/save-during-payment [docs]; features 5.3. A debit
    rests on its mandate and not on the payer's being there.
    """
    on_click = agreement is Agreement.ON_CLICK and kind not in DEBITS
    return "on_session" if on_click else "off_session"


def _customer(account: Account, request: PaymentRequest) -> str:
    if request.payer is None or request.consent is None:
        return ""
    return customer_for(account, request.payer)


def _words_of(payer: Payer) -> str:
    """Return a digest of what Stripe is told of a payer, so that a key always says the same."""
    words = json.dumps([payer.name, payer.email])
    return hashlib.sha256(words.encode()).hexdigest()[:32]


def customer_for(account: Account, payer: Payer) -> str:
    """Return the id of a payer, made under his own key if there is none yet.

    Two people of one customer are two payers: Stripe takes one key with one content only.

    Raises ``Unavailable`` also when it may have been made: no payment was, and the next try finds
    the same customer by the key.
    """
    if payer.gateway_payer:
        return payer.gateway_payer
    try:
        made = account.calls.do(
            shapes.Customer,
            lambda api: api.v1.customers.create(
                {
                    "name": payer.name,
                    "email": payer.email,
                    "metadata": {REFERENCE: payer.reference},
                },
                {"idempotency_key": f"payer:{payer.reference}:{_words_of(payer)}"},
            ),
        )
    except OutcomeUnknown as error:
        raise Unavailable("The payer may be known now; nothing was begun.") from error
    return made.id
