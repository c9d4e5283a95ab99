"""Messages of Stripe: signed on the raw body, of our account and our mode, and never believed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from quittance.core.errors import Refused
from quittance.gateways.base import WebhookEvent
from quittance.gateways.saved import MethodEvent, MethodNews
from quittance.gateways.stripe import shapes
from quittance.gateways.stripe.account import FLOW, HOSTED, Account
from quittance.gateways.stripe.translate import text_of

_OLDEST_SECONDS: Final = 300
_METHODS: Final = {
    "payment_method.updated": MethodNews.CHANGED,
    "payment_method.automatically_updated": MethodNews.CHANGED,
    "payment_method.detached": MethodNews.GONE,
}
# What Checkout's intent does is told by its session as well; only what comes later is not: money
# that goes back, and a debit that fails after it had succeeded.
_AFTER_CHECKOUT: Final = ("refund.", "charge.refund", "charge.dispute.")


def read(account: Account, headers: Mapping[str, str], body: bytes) -> Sequence[WebhookEvent]:
    """See ``Gateway.read_webhook``. A message may be five minutes old.

    One about a refund or a dispute names no payment of ours, so Stripe is asked whose it is. Raises
    ``Refused`` for a message that is forged, of another account or of another mode, and what the
    question raises.
    """
    event = _verified(account, headers, body)
    told = event.data.about
    found = _payment_in(account, event.type, told)
    if not found:
        return []
    return [WebhookEvent(event_id=event.id, gateway_object=found, kind=event.type)]


def read_of_methods(
    account: Account, headers: Mapping[str, str], body: bytes
) -> Sequence[MethodEvent]:
    """See ``ReportsMethods.read_method_webhook``."""
    event = _verified(account, headers, body)
    told, kind = event.data.about, event.type
    id_ = text_of(told, "id")
    if kind in _METHODS:
        return [_news(event, _METHODS[kind], method=id_)]
    if kind == "mandate.updated":
        return [_news(event, MethodNews.MANDATE, method=text_of(told, "payment_method"))]
    if kind.startswith("checkout.session.") and told.get("mode") == "setup":
        return [_news(event, MethodNews.SAVING, saving=id_)]
    if kind.startswith("setup_intent.") and kind != "setup_intent.created":
        saving = id_
        if _metadata(told).get(FLOW) == HOSTED:
            saving = account.session_of_setup(id_, text_of(told, "customer"))
        return [_news(event, MethodNews.SAVING, saving=saving)]
    return []


def _news(
    event: shapes.Event, news: MethodNews, *, method: str = "", saving: str = ""
) -> MethodEvent:
    return MethodEvent(
        event_id=event.id,
        news=news,
        gateway_saving=saving,
        gateway_method=method,
        kind=event.type,
    )


def _verified(account: Account, headers: Mapping[str, str], body: bytes) -> shapes.Event:
    """Source: docs.stripe.com/webhooks/signature [docs]; the SDK's own verifier is asked."""
    header = next((value for name, value in headers.items() if name.lower() == _HEADER), "")
    secrets = account.credentials.webhook_secrets
    if not any(_signed_with(secret, header, body) for secret in secrets):
        raise Refused("The webhook's signature is not right.")
    try:
        event = msgspec.json.decode(body, type=shapes.Event)
    except (msgspec.MsgspecError, ValueError) as error:
        raise Refused("The webhook is signed, but it can not be read.") from error
    if event.livemode != account.credentials.is_live:
        raise Refused("The webhook is of the other mode.", event=event.id)
    if event.account and event.account != account.credentials.account_id:
        raise Refused("The webhook is of another account.", event=event.id)
    return event


_HEADER: Final = "stripe-signature"


def _signed_with(secret: str, header: str, body: bytes) -> bool:
    import stripe

    try:
        stripe.WebhookSignature.verify_header(body.decode(), header, secret, _OLDEST_SECONDS)
    except (stripe.SignatureVerificationError, ValueError):
        return False
    return True


def _payment_in(account: Account, kind: str, told: Mapping[str, object]) -> str:
    """Return our id of the payment that an event is about, or "" if it is about none."""
    if kind.startswith("checkout.session."):
        return text_of(told, "id") if told.get("mode") == "payment" else ""
    if kind.startswith("payment_intent."):
        intent = text_of(told, "id")
    elif kind.startswith(("charge.", "refund.")):
        intent = text_of(told, "payment_intent")
    else:
        return ""
    metadata = _metadata(told)
    came_back = kind.startswith(_AFTER_CHECKOUT) or told.get("failure_balance_transaction")
    if not intent or (metadata.get(FLOW) == HOSTED and not came_back):
        return ""
    return account.object_of(intent, metadata if FLOW in metadata else None)


def _metadata(told: Mapping[str, object]) -> dict[str, str]:
    found = told.get("metadata")
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}
