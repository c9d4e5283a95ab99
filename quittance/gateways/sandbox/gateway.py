"""The gateway sandbox behind the port."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeVar
from urllib.parse import quote

import httpx
import msgspec
from standardwebhooks import Webhook, WebhookVerificationError

from quittance.core.errors import OutcomeUnknown, OutsideError, Refused, Unavailable
from quittance.gateways.base import (
    Capabilities,
    GatewayPayment,
    PaymentRequest,
    PaymentState,
    WebhookEvent,
)
from quittance.gateways.sandbox import translate
from quittance.gateways.sandbox.credentials import Credentials
from quittance.httpclient.client import send

T = TypeVar("T")
_MONEY_MOVED: Final = {PaymentState.SUCCEEDED, PaymentState.PROCESSING}


class SandboxGateway:
    """One account at the gateway sandbox."""

    capabilities = Capabilities(
        currencies=frozenset(),
        methods=("card", "bank_debit"),
        key_lifetime_hours=24,
        settle_seconds=10,
    )

    def __init__(self, credentials: Credentials, client: httpx.Client) -> None:
        self._credentials = credentials
        self._client = client

    def check(self) -> str:
        """See ``Gateway.check``."""
        return self._read("/account", translate.Account).name

    def create_payment(self, request: PaymentRequest) -> GatewayPayment:
        """See ``Gateway.create_payment``."""
        made = self._write(
            "/payments",
            key=request.reference,
            content={
                "reference": request.reference,
                "amount_minor": request.amount.minor,
                "currency": request.amount.currency,
                "method": request.method,
                "description": request.description,
                "return_url": request.return_url,
                "cancel_url": request.cancel_url,
                "locale": request.locale,
            },
        )
        if made.reference != request.reference:
            raise OutcomeUnknown("It answered about another payment.", gateway_object=made.id)
        return translate.payment_of(made)

    def read_payment(self, gateway_object: str) -> GatewayPayment:
        """See ``Gateway.read_payment``."""
        said = self._read(f"/payments/{quote(gateway_object, safe='')}", translate.Payment)
        if said.id != gateway_object:
            raise Unavailable("It answered about another payment.", gateway_object=said.id)
        return translate.payment_of(said)

    def find_payment(self, reference: str) -> GatewayPayment | None:
        """See ``Gateway.find_payment``. The list shows a payment as soon as it exists.

        Were there two (our key was forgotten after a day), the one that moved money is returned.
        """
        said = self._read("/payments", translate.PaymentList, reference=reference)
        if any(payment.reference != reference for payment in said.data):
            raise Unavailable("It answered about another payment.", reference=reference)
        found = [translate.payment_of(payment) for payment in said.data]
        return max(found, key=lambda one: one.state in _MONEY_MOVED, default=None)

    def cancel_payment(self, gateway_object: str) -> GatewayPayment:
        """See ``Gateway.cancel_payment``."""
        try:
            said = self._write(f"/payments/{quote(gateway_object, safe='')}/cancel")
        except Refused as error:
            if error.facts.get("status") != 409:
                raise
            return self.read_payment(gateway_object)  # it is past cancelling: say what it is
        return translate.payment_of(said)

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> Sequence[WebhookEvent]:
        """See ``Gateway.read_webhook``. A message may be five minutes old.

        Source: Standard Webhooks 1.0, "Verifying webhook authenticity".
        """
        if not any(_signed_with(secret, headers, body) for secret in self._webhook_secrets):
            raise Refused("The webhook's signature is not right.")
        try:
            return translate.events_of(msgspec.json.decode(body, type=translate.Event))
        except (msgspec.MsgspecError, ValueError) as error:
            raise Refused("The webhook is signed, but it can not be read.") from error

    @property
    def _webhook_secrets(self) -> Sequence[str]:
        return self._credentials.webhook_secrets

    def _read(self, path: str, shape: type[T], **query: str) -> T:
        request = self._client.build_request(
            "GET", self._url(path), params=query, headers=self._headers()
        )
        response = send(self._client, request, narrow=_narrow)
        return _decoded(response, shape, Unavailable)

    def _write(
        self, path: str, *, key: str = "", content: dict[str, object] | None = None
    ) -> translate.Payment:
        headers = self._headers() | ({"Idempotency-Key": key} if key else {})
        request = self._client.build_request(
            "POST", self._url(path), json=content or {}, headers=headers
        )
        response = send(self._client, request, narrow=_narrow)
        return _decoded(response, translate.Payment, OutcomeUnknown)

    def _url(self, path: str) -> str:
        return f"{self._credentials.address.rstrip('/')}/v1{path}"

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._credentials.api_key}"}


def _narrow(response: httpx.Response) -> OutsideError | None:
    """A request whose twin is still at work did nothing itself."""
    code = translate.error_code(response.content)
    if response.status_code == 409 and code == "idempotency_in_progress":
        return Unavailable("The first request with this key is still at work.", status=409)
    return None


def _decoded(response: httpx.Response, shape: type[T], lost: type[OutsideError]) -> T:
    """Read an answer. One that cannot be read says nothing of what was done: raises ``lost``."""
    try:
        return msgspec.json.decode(response.content, type=shape)
    except (msgspec.MsgspecError, ValueError) as error:
        raise lost(
            "Its answer can not be read.", status=response.status_code, problem=str(error)
        ) from error


def _signed_with(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    try:
        Webhook(secret).verify(body, dict(headers), json_parse=False)
    except (WebhookVerificationError, ValueError):  # also for headers that are no base 64
        return False
    return True
