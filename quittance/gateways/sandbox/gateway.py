"""The gateway sandbox behind the port."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

import httpx
import msgspec
from standardwebhooks import Webhook, WebhookVerificationError

from quittance.core.errors import OutcomeUnknown, Refused, Unavailable
from quittance.core.money import Money
from quittance.gateways.base import (
    Account,
    Capabilities,
    GatewayDispute,
    GatewayPayment,
    GatewayPayout,
    GatewayRefund,
    Holder,
    Movement,
    MovementPage,
    Origins,
    PaymentRequest,
    PaymentState,
    RefundRequest,
    RefundState,
    ReturnRule,
    WebhookEvent,
)
from quittance.gateways.sandbox import books, kept, translate
from quittance.gateways.sandbox.credentials import Credentials
from quittance.gateways.sandbox.wallet import Wallet
from quittance.gateways.saved import MethodEvent
from quittance.httpclient.answers import part

T = TypeVar("T")

_MONEY_MOVED: Final = {PaymentState.SUCCEEDED, PaymentState.PROCESSING}
_PAYOUT_DAYS: Final = 60


_METHODS: Final = ("card", "bank_debit")
_FACTS: Final = Capabilities(
    currencies=frozenset(),
    methods=_METHODS,
    key_lifetime_hours=24,
    settle_seconds=10,
    saved_methods=frozenset(_METHODS),
    returns=(
        ReturnRule(
            method="bank_debit", holder=Holder.BUSINESS, days=5, unauthorized_days=5,
            source="ACH, CCD: two banking days (features 5.1); with two weekend days and a holiday",
        ),
        ReturnRule(
            method="bank_debit", holder=Holder.PERSONAL, days=5, unauthorized_days=60,
            source="ACH, WEB: 60 calendar days when it was not authorized (features 5.1)",
        ),
    ),
)  # fmt: skip


class SandboxGateway(Wallet):
    """One account at the gateway sandbox: with all optional deeds but transfers."""

    def __init__(self, credentials: Credentials, client: httpx.Client) -> None:
        super().__init__(credentials, client)
        self.capabilities = _with_fields(_FACTS, credentials.fields_address)

    def check(self) -> Account:
        """See ``Gateway.check``."""
        account = self._calls.read("/account", translate.Account)
        return Account(id=account.id, name=account.name)

    def create_payment(self, request: PaymentRequest) -> GatewayPayment:
        """See ``Gateway.create_payment``."""
        made = self._calls.write(
            "/payments",
            translate.Payment,
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
                **_extras(request),
                **({"held": True} if self._credentials.completion else {}),
            },
        )
        if made.reference != request.reference:
            raise OutcomeUnknown("It answered about another payment.", gateway_object=made.id)
        return translate.payment_of(made)

    def read_payment(self, gateway_object: str) -> GatewayPayment:
        """See ``Gateway.read_payment``."""
        said = self._calls.read(f"/payments/{part(gateway_object)}", translate.Payment)
        if said.id != gateway_object:
            raise Unavailable("It answered about another payment.", gateway_object=said.id)
        return translate.payment_of(said)

    def find_payment(self, reference: str) -> GatewayPayment | None:
        """See ``Gateway.find_payment``. The list shows a payment as soon as it exists.

        Were there two (our key was forgotten after a day), the one that moved money is returned.
        """
        said = self._calls.all("/payments", translate.Payment, reference=reference)
        if any(payment.reference != reference for payment in said):
            raise Unavailable("It answered about another payment.", reference=reference)
        found = [translate.payment_of(payment) for payment in said]
        return max(found, key=lambda one: one.state in _MONEY_MOVED, default=None)

    def cancel_payment(self, gateway_object: str) -> GatewayPayment:
        """See ``Gateway.cancel_payment``."""
        try:
            said = self._calls.write(f"/payments/{part(gateway_object)}/cancel", translate.Payment)
        except Refused as error:
            if error.facts.get("status") != 409:
                raise
            # It is past cancelling: say what it is.
            return self.read_payment(gateway_object).without_our_word()
        return translate.payment_of(said)

    def complete_payment(self, gateway_object: str) -> GatewayPayment:
        """See ``CompletesPayments.complete_payment``. One that waits for nobody is only shown."""
        now = self.read_payment(gateway_object)
        path, key = f"/payments/{part(gateway_object)}/complete", f"{now.reference}:complete"
        if not now.waits_for_us:
            return now
        said = self._calls.write(path, translate.Payment, key=key)
        if said.id != gateway_object:
            raise OutcomeUnknown("It answered about another payment.", gateway_object=said.id)
        return translate.payment_of(said)

    def create_refund(self, request: RefundRequest) -> GatewayRefund:
        """See ``Refunds.create_refund``. An answer about anything else is no answer."""
        made = books.refund_of(
            self._calls.write(
                "/refunds",
                books.Refund,
                key=request.reference,
                content={
                    "payment": request.gateway_object,
                    "reference": request.reference,
                    "amount_minor": request.amount.minor,
                    "currency": request.amount.currency,
                },
            )
        )
        asked = (request.reference, request.gateway_object, request.amount)
        if (made.reference, made.gateway_object, made.amount) != asked:
            raise OutcomeUnknown(
                "It answered about another refund.", gateway_refund=made.gateway_refund
            )
        return made

    def read_refund(self, gateway_refund: str) -> GatewayRefund:
        """See ``Refunds.read_refund``."""
        said = self._calls.read(f"/refunds/{part(gateway_refund)}", books.Refund)
        if said.id != gateway_refund:
            raise Unavailable("It answered about another refund.", gateway_refund=said.id)
        return books.refund_of(said)

    def find_refund(self, reference: str, *, gateway_object: str) -> GatewayRefund | None:
        """See ``Refunds.find_refund``. The list shows a refund as soon as it exists.

        A payment that this account does not have is ``Refused``, never "there is none". Were there
        two (our key was forgotten after a day), one that did not fail is returned.
        """
        said = self._calls.all(
            "/refunds", books.Refund, reference=reference, payment=gateway_object
        )
        found = [books.refund_of(refund) for refund in said]
        if any((one.reference, one.gateway_object) != (reference, gateway_object) for one in found):
            raise Unavailable("It answered about another refund.", reference=reference)
        return max(found, key=lambda one: one.state is not RefundState.FAILED, default=None)

    def disputes_of(self, gateway_object: str) -> Sequence[GatewayDispute]:
        """See ``ReportsDisputes.disputes_of``."""
        said = self._calls.all("/disputes", books.Dispute, payment=gateway_object)
        if any(dispute.payment != gateway_object for dispute in said):
            raise Unavailable("It answered about another payment.", gateway_object=gateway_object)
        return [books.dispute_of(dispute) for dispute in said]

    def movements(self, cursor: str) -> MovementPage:
        """See ``ReportsMovements.movements``. The cursor is the last entry's id."""
        after = {"after": cursor} if cursor else {}
        said, more = self._calls.page("/balance_entries", books.Entry, **after)
        if len({cursor, *(entry.id for entry in said)}) <= len(said):
            raise Unavailable("Its list has an entry twice.", cursor=cursor)
        return MovementPage(
            movements=[books.movement_of(entry) for entry in said],
            cursor=said[-1].id if said else cursor,
            more=more,
        )

    def movements_of(self, gateway_object: str) -> Sequence[Movement]:
        """See ``ReportsMovements.movements_of``."""
        said = self._calls.all("/balance_entries", books.Entry, payment=gateway_object)
        if any(entry.payment != gateway_object for entry in said):
            raise Unavailable("It answered about another payment.", gateway_object=gateway_object)
        return [books.movement_of(entry) for entry in said]

    def payouts(self) -> Sequence[GatewayPayout]:
        """See ``ReportsMovements.payouts``."""
        start = datetime.now(UTC) - timedelta(days=_PAYOUT_DAYS)
        said = self._calls.all("/payouts", books.Payout, created_after=books.since(start))
        return [books.payout_of(payout) for payout in said]

    def movements_in(self, payout_id: str) -> Sequence[Movement]:
        """See ``ReportsMovements.movements_in``."""
        said = self._calls.all("/balance_entries", books.Entry, payout=payout_id)
        if any(entry.payout != payout_id or entry.subject == payout_id for entry in said):
            raise Unavailable("It answered about another payout.", payout=payout_id)
        return [books.movement_of(entry) for entry in said]

    def balances(self) -> Mapping[str, Money]:
        """See ``ReportsMovements.balances``."""
        said = self._calls.read("/balance", books.Balance).data
        found = {held.currency: Money(held.amount_minor, held.currency) for held in said}
        if len(found) < len(said):
            raise Unavailable("Its balance has a currency twice.")
        return found

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> Sequence[WebhookEvent]:
        """See ``Gateway.read_webhook``. A message may be five minutes old.

        Source: Standard Webhooks 1.0, "Verifying webhook authenticity".
        """
        return translate.events_of(self._signed(headers, body, translate.Event))

    def read_method_webhook(self, headers: Mapping[str, str], body: bytes) -> Sequence[MethodEvent]:
        """See ``ReportsMethods.read_method_webhook``."""
        return kept.events_of(self._signed(headers, body, kept.Event))

    def _signed(self, headers: Mapping[str, str], body: bytes, shape: type[T]) -> T:
        secrets = self._credentials.webhook_secrets
        if not any(_signed_with(secret, headers, body) for secret in secrets):
            raise Refused("The webhook's signature is not right.")
        try:
            return msgspec.json.decode(body, type=shape)
        except (msgspec.MsgspecError, ValueError) as error:
            raise Refused("The webhook is signed, but it can not be read.") from error


def _with_fields(facts: Capabilities, address: str) -> Capabilities:
    """Return the facts of an account whose fields, if any, come from ``address``."""
    if not address:
        return facts
    origins = Origins(script=(address.rstrip("/"),), frame=(address.rstrip("/"),))
    return replace(facts, embedded_methods=frozenset(facts.methods), origins=origins)


def _extras(request: PaymentRequest) -> dict[str, object]:
    """Return what only some payments are asked with."""
    extras: dict[str, object] = {"embedded": True} if request.embedded else {}
    if request.payer and request.consent:
        extras |= {
            "payer": kept.payer_for(request.payer),
            "consent": kept.consent_for(request.consent),
        }
    return extras


def _signed_with(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    try:
        Webhook(secret).verify(body, dict(headers), json_parse=False)
    except (WebhookVerificationError, ValueError):  # also for headers that are no base 64
        return False
    return True
