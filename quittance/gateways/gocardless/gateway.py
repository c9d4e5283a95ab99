"""GoCardless behind the port: a payment is a mandate that the payer gives, and then our debit."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx
import msgspec

from quittance.core.errors import OutcomeUnknown, Refused, Unavailable
from quittance.core.money import Money
from quittance.gateways.amounts import whole_number
from quittance.gateways.base import (
    Account,
    GatewayPayment,
    GatewayPayout,
    GatewayRefund,
    Movement,
    MovementPage,
    PaymentRequest,
    PaymentState,
    RefundRequest,
    WebhookEvent,
)
from quittance.gateways.gocardless import books, refunds, shapes, translate
from quittance.gateways.gocardless.calls import Calls
from quittance.gateways.gocardless.credentials import Credentials
from quittance.gateways.gocardless.debits import debit_of_request, history
from quittance.gateways.gocardless.keeping import Keeping
from quittance.gateways.gocardless.translate import BACK, PURPOSE, REFERENCE, REQUEST
from quittance.gateways.saved import MethodEvent
from quittance.httpclient.answers import part

_LOOK_BACK: Final = timedelta(days=7)  # lists know no filter for our reference
_OPEN: Final = {"pending", "ready_to_fulfil", "fulfilling"}


class GoCardlessGateway(Keeping):
    """One account at GoCardless. It raises ``OutsideError`` and nothing else.

    The id of a payment on its pages is that of its billing request ("BRQ..."), for that exists
    before money moves; a charge of a saved account is known by the payment's own ("PM...").
    """

    capabilities = translate.FACTS

    def __init__(self, credentials: Credentials, client: httpx.Client) -> None:
        self._credentials = credentials
        self._calls = Calls(credentials, client)

    def check(self) -> Account:
        """See ``Gateway.check``."""
        creditors = self._calls.all("creditors", shapes.Creditor)
        if not creditors:
            raise Unavailable("It shows no creditor.")
        return Account(id=creditors[0].id, name=creditors[0].name)

    def create_payment(self, request: PaymentRequest) -> GatewayPayment:
        """See ``Gateway.create_payment``: asks for a mandate; the debit is ``complete_payment``."""
        if request.amount.minor <= 0:
            raise Refused("A payment is above zero.")
        amount = f"{whole_number(request.amount, self.capabilities)} {request.amount.currency}"
        purpose = f"{'kept' if request.consent else 'payment'} {amount}"
        metadata = {
            REFERENCE: request.reference,
            PURPOSE: purpose,
            BACK: request.return_url,
        }
        made = self._ask_mandate(request.reference, metadata, request.amount.currency)
        if made.metadata.get(REFERENCE) != request.reference:
            raise OutcomeUnknown("It answered about another payment.", gateway_object=made.id)
        if made.metadata.get(PURPOSE) != purpose:
            raise Refused(
                "This reference was used for another amount.", reference=request.reference
            )
        return self._of_request(made, link=self._link(made))

    def read_payment(self, gateway_object: str) -> GatewayPayment:
        """See ``Gateway.read_payment``. A link to its pages is made anew: none can be read."""
        id_ = part(gateway_object)
        if gateway_object.startswith("PM"):
            said = self._calls.read("payments", f"/payments/{id_}", shapes.Payment)
            return self._of_payment(said, gateway_object)
        asked = self._calls.read("billing_requests", f"/billing_requests/{id_}", _REQUEST)
        return self._of_request(asked)

    def find_payment(self, reference: str) -> GatewayPayment | None:
        """See ``Gateway.find_payment``: looks through the last seven days, page by page.

        No list has a filter for metadata [docs]; that lists show what was just made is [?].
        """
        since = {"created_at[gte]": (datetime.now(UTC) - _LOOK_BACK).isoformat()}
        for asked in self._calls.all("billing_requests", _REQUEST, **since):
            if asked.metadata.get(REFERENCE) == reference and (
                translate.purpose_of(asked.metadata) != "saving"
            ):
                return self._of_request(asked)
        for said in self._calls.all("payments", shapes.Payment, **since):
            if said.metadata.get(REFERENCE) == reference and REQUEST not in said.metadata:
                return self._of_payment(said, said.id)
        return None

    def cancel_payment(self, gateway_object: str) -> GatewayPayment:
        """See ``Gateway.cancel_payment``. A debit can be stopped until it is submitted.

        A billing request can not be cancelled once the payer agreed; his mandate moves nothing.
        """
        kind = "payments" if gateway_object.startswith("PM") else "billing_requests"
        shape: Any = shapes.Payment if kind == "payments" else _REQUEST
        with suppress(Refused):  # past cancelling: say what it is
            self._calls.act(kind, part(gateway_object), "cancel", shape)
        return self.read_payment(gateway_object).without_our_word()

    def complete_payment(self, gateway_object: str) -> GatewayPayment:
        """See ``CompletesPayments.complete_payment``: debits the account of the mandate."""
        now = self.read_payment(gateway_object)
        if not now.waits_for_us:
            return now
        asked = self._calls.read(
            "billing_requests", f"/billing_requests/{gateway_object}", _REQUEST
        )
        content = {
            "amount": now.amount.minor,
            "currency": now.amount.currency,
            "links": {"mandate": asked.links.mandate_request_mandate},
            "metadata": {REFERENCE: now.reference, REQUEST: gateway_object},
        }
        key = f"{now.reference}:debit"
        said = self._calls.create("payments", content, shapes.Payment, key=key)
        return self._of_payment(said, gateway_object)

    def create_refund(self, request: RefundRequest) -> GatewayRefund:
        """See ``Refunds.create_refund``."""
        return refunds.create(self._calls, request)

    def read_refund(self, gateway_refund: str) -> GatewayRefund:
        """See ``Refunds.read_refund``."""
        return refunds.read(self._calls, gateway_refund)

    def find_refund(self, reference: str, *, gateway_object: str) -> GatewayRefund | None:
        """See ``Refunds.find_refund``."""
        return refunds.find(self._calls, reference, gateway_object)

    def movements(self, cursor: str) -> MovementPage:
        """See ``ReportsMovements.movements``."""
        return books.movements(self._calls, cursor)

    def movements_of(self, gateway_object: str) -> Sequence[Movement]:
        """See ``ReportsMovements.movements_of``."""
        return books.of_payment(self._calls, gateway_object)

    def payouts(self) -> Sequence[GatewayPayout]:
        """See ``ReportsMovements.payouts``."""
        return books.payouts(self._calls)

    def movements_in(self, payout_id: str) -> Sequence[Movement]:
        """See ``ReportsMovements.movements_in``."""
        return books.in_payout(self._calls, payout_id)

    def balances(self) -> Mapping[str, Money]:
        """See ``ReportsMovements.balances``."""
        return books.balances(self._calls)

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> Sequence[WebhookEvent]:
        """See ``Gateway.read_webhook``. There is no time in the signature: an old one is as good.

        A repeated message changes nothing, for what happened is asked.
        """
        return translate.payment_events(self._signed(headers, body))

    def read_method_webhook(self, headers: Mapping[str, str], body: bytes) -> Sequence[MethodEvent]:
        """See ``ReportsMethods.read_method_webhook``."""
        return translate.method_events(self._signed(headers, body))

    def _signed(self, headers: Mapping[str, str], body: bytes) -> list[shapes.Event]:
        """Verify and read a message. Source: HMAC SHA-256 of the raw body, in hex [docs]."""
        told = {name.lower(): value for name, value in headers.items()}
        signature = told.get("webhook-signature", "").encode()
        if not any(
            hmac.compare_digest(sign(secret, body).encode(), signature)
            for secret in self._credentials.webhook_secrets
        ):
            raise Refused("The webhook's signature is not right.")
        try:
            return msgspec.json.decode(body, type=shapes.Events).events
        except (msgspec.MsgspecError, ValueError) as error:
            raise Refused("The webhook is signed, but it can not be read.") from error

    def _of_request(self, asked: shapes.BillingRequest, *, link: str = "") -> GatewayPayment:
        debit = debit_of_request(self._calls, asked)
        if debit:
            return self._of_payment(debit, asked.id)
        is_open = asked.status in _OPEN
        return GatewayPayment(
            gateway_object=asked.id,
            reference=asked.metadata.get(REFERENCE, ""),
            state=PaymentState.CANCELLED if asked.status == "cancelled" else PaymentState.OPEN,
            amount=translate.amount_of(asked.metadata),
            redirect_url=(link or self._new_link(asked)) if is_open else "",
            waits_for_us=asked.status == "fulfilled",
        )

    def _of_payment(self, said: shapes.Payment, gateway_object: str) -> GatewayPayment:
        account = self._account(self._mandate(said.links.mandate))
        has_failed = translate.STATES[said.status] is PaymentState.FAILED
        events = history(self._calls, payment=said.id) if has_failed else []
        return translate.payment_of(
            said, gateway_object=gateway_object, account=account, events=events
        )


_REQUEST: Final = shapes.BillingRequest


def sign(secret: str, body: bytes) -> str:
    """Return GoCardless's signature of a message."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
