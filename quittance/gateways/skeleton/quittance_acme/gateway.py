"""Acme behind the port: what every gateway can do. Add the deeds that Acme has, one by one."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence
from typing import Final, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from quittance.core.errors import OutcomeUnknown, OutsideError, Refused, Unavailable
from quittance.core.money import InexactAmount
from quittance.gateways.amounts import whole_number
from quittance.gateways.base import (
    Account,
    GatewayPayment,
    PaymentRequest,
    PaymentState,
    WebhookEvent,
)
from quittance.httpclient.answers import decoded, part
from quittance.httpclient.client import send
from quittance_acme import translate
from quittance_acme.credentials import Credentials

_FIVE_MINUTES: Final = 300
T = TypeVar("T")


class AcmeGateway:
    """One account at Acme. It raises ``OutsideError`` and nothing else."""

    capabilities = translate.FACTS

    def __init__(self, credentials: Credentials, client: httpx.Client) -> None:
        self._credentials = credentials
        self._client = client

    def check(self) -> Account:
        """See ``Gateway.check``."""
        said = self._ask("GET", "/account", translate.Account)
        return Account(id=said.id, name=said.name)

    def create_payment(self, request: PaymentRequest) -> GatewayPayment:
        """See ``Gateway.create_payment``."""
        content = {
            "reference": request.reference,
            "amount": whole_number(request.amount, self.capabilities),
            "currency": request.amount.currency,
            "description": request.description,
            "return_url": request.return_url,
            "cancel_url": request.cancel_url,
        }
        said = self._ask(
            "POST", "/payments", translate.Payment, key=request.reference, content=content
        )
        if said.reference != request.reference:
            raise OutcomeUnknown("It answered about another payment.", gateway_object=said.id)
        return _translated(said, OutcomeUnknown)

    def read_payment(self, gateway_object: str) -> GatewayPayment:
        """See ``Gateway.read_payment``."""
        path = f"/payments/{part(gateway_object)}"
        said = self._ask("GET", path, translate.Payment)
        if said.id != gateway_object:
            raise Unavailable("It answered about another payment.", gateway_object=said.id)
        return _translated(said, Unavailable)

    def find_payment(self, reference: str) -> GatewayPayment | None:
        """See ``Gateway.find_payment``. Acme's list shows a payment as soon as it exists.

        Is that so where you are? A search index is not enough: then send the same request with the
        same key again, as long as the key lives, and raise ``OutcomeUnknown`` when you cannot know.
        """
        said = self._ask("GET", f"/payments?reference={quote(reference)}", translate.Payments)
        if any(one.reference != reference for one in said.payments):
            raise Unavailable("It answered about another payment.", reference=reference)
        found = [_translated(one, Unavailable) for one in said.payments]
        return max(found, key=lambda one: one.state is PaymentState.SUCCEEDED, default=None)

    def cancel_payment(self, gateway_object: str) -> GatewayPayment:
        """See ``Gateway.cancel_payment``."""
        path = f"/payments/{part(gateway_object)}/cancel"
        try:
            return _translated(self._ask("POST", path, translate.Payment), OutcomeUnknown)
        except Refused:
            return self.read_payment(gateway_object)  # past cancelling: say what it is

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> Sequence[WebhookEvent]:
        """See ``Gateway.read_webhook``. A message may be five minutes old."""
        told = {name.lower(): value for name, value in headers.items()}
        moment, signature = told.get("acme-time", ""), told.get("acme-signature", "")
        if not any(
            hmac.compare_digest(signed(secret, moment, body).encode(), signature.encode())
            for secret in self._credentials.webhook_secrets
        ):
            raise Refused("The webhook's signature is not right.")
        if abs(time.time() - int(moment)) > _FIVE_MINUTES:
            raise Refused("The webhook is too old, or from the future.")
        try:
            return translate.events_of(msgspec.json.decode(body, type=translate.Event))
        except (msgspec.MsgspecError, ValueError) as error:
            raise Refused("The webhook is signed, but it can not be read.") from error

    def _ask(
        self,
        method: str,
        path: str,
        shape: type[T],
        *,
        key: str = "",
        content: dict[str, object] | None = None,
    ) -> T:
        """Call, and read the answer. One that cannot be read says nothing of what was done."""
        headers = {"Authorization": f"Bearer {self._credentials.api_key}"}
        headers |= {"Idempotency-Key": key} if key else {}
        request = self._client.build_request(
            method, self._credentials.address.rstrip("/") + path, json=content, headers=headers
        )
        return decoded(send(self._client, request, narrow=_narrow), shape, _lost(method))


def signed(secret: str, moment: str, body: bytes) -> str:
    """Return Acme's signature of a message."""
    return hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()


def _narrow(response: httpx.Response) -> OutsideError | None:
    """What Acme means by an answer that usually means something else."""
    if response.status_code == 409 and b"still at work" in response.content:
        return Unavailable("The first request with this key is still at work.", status=409)
    return None


def _lost(method: str) -> type[OutsideError]:
    return Unavailable if method == "GET" else OutcomeUnknown


def _translated(said: translate.Payment, lost: type[OutsideError]) -> GatewayPayment:
    try:
        return translate.payment_of(said)
    except InexactAmount as error:
        raise lost("Its answer has an amount that makes no sense.", id=said.id) from error
