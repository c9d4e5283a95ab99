"""PayPal behind the port."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import httpx

from quittance.core.errors import Refused
from quittance.core.money import Money
from quittance.gateways.base import (
    Account,
    Capabilities,
    GatewayDispute,
    GatewayPayment,
    GatewayPayout,
    GatewayRefund,
    Movement,
    MovementPage,
    PaymentRequest,
    RefundRequest,
    WebhookEvent,
)
from quittance.gateways.charges import ChargeRequest
from quittance.gateways.paypal import disputes, orders, refunds, vault
from quittance.gateways.paypal.books import Books
from quittance.gateways.paypal.calls import Calls
from quittance.gateways.paypal.credentials import Credentials
from quittance.gateways.paypal.reports import Reports
from quittance.gateways.paypal.translate import FACTS
from quittance.gateways.paypal.webhooks import Inbox
from quittance.gateways.saved import MethodEvent, SavedMethod, SaveRequest, Saving


class PayPalGateway:
    """One PayPal business account: with all optional deeds but embedded fields and mandates."""

    def __init__(self, credentials: Credentials, client: httpx.Client) -> None:
        self.capabilities: Capabilities = FACTS
        self._calls = Calls(credentials, client)
        self._reports = Reports(self._calls, int(credentials.report_lag))
        self._books = Books(self._calls, self._reports)
        self._inbox = Inbox(credentials, self._calls, self._reports)

    def check(self) -> Account:
        """See ``Gateway.check``. PayPal tells the account's id, and no name."""
        said = self._books.read_balances()
        return Account(id=said.account_id, name=f"PayPal account {said.account_id}")

    def create_payment(self, request: PaymentRequest) -> GatewayPayment:
        """See ``Gateway.create_payment``."""
        if request.embedded:
            raise Refused("PayPal is paid on its own page.")
        return orders.create(self._calls, request)

    def read_payment(self, gateway_object: str) -> GatewayPayment:
        """See ``Gateway.read_payment``. Nothing is captured by it."""
        return orders.read(self._calls, gateway_object)

    def find_payment(self, reference: str) -> GatewayPayment | None:
        """See ``Gateway.find_payment``, and ``orders.find`` for why ``None`` is sure."""
        return orders.find(self._calls, self._reports, reference)

    def cancel_payment(self, gateway_object: str) -> GatewayPayment:
        """See ``Gateway.cancel_payment``. An order that the payer approved is shut as well."""
        return orders.cancel(self._calls, gateway_object)

    def complete_payment(self, gateway_object: str) -> GatewayPayment:
        """See ``CompletesPayments.complete_payment``. This is where the money moves."""
        return orders.complete(self._calls, gateway_object)

    def create_refund(self, request: RefundRequest) -> GatewayRefund:
        """See ``Refunds.create_refund``."""
        return refunds.create(self._calls, self._reports, request)

    def read_refund(self, gateway_refund: str) -> GatewayRefund:
        """See ``Refunds.read_refund``."""
        return refunds.read(self._calls, self._reports, gateway_refund)

    def find_refund(self, reference: str, *, gateway_object: str) -> GatewayRefund | None:
        """See ``Refunds.find_refund``."""
        return refunds.find(self._calls, self._reports, reference, gateway_object)

    def disputes_of(self, gateway_object: str) -> Sequence[GatewayDispute]:
        """See ``ReportsDisputes.disputes_of``."""
        return disputes.of_payment(self._calls, gateway_object)

    def movements(self, cursor: str) -> MovementPage:
        """See ``ReportsMovements.movements``. They come three hours late, and then for sure."""
        return self._books.page(cursor)

    def movements_of(self, gateway_object: str) -> Sequence[Movement]:
        """See ``ReportsMovements.movements_of``."""
        return self._books.of(gateway_object)

    def payouts(self) -> Sequence[GatewayPayout]:
        """See ``ReportsMovements.payouts``."""
        return self._books.payouts()

    def movements_in(self, payout_id: str) -> Sequence[Movement]:
        """See ``ReportsMovements.movements_in``."""
        return self._books.inside(payout_id)

    def balances(self) -> Mapping[str, Money]:
        """See ``ReportsMovements.balances``."""
        return self._books.balances()

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> Sequence[WebhookEvent]:
        """See ``Gateway.read_webhook``. Raises ``Unavailable`` when a certificate is not there."""
        return self._inbox.read(headers, body)

    def read_method_webhook(self, headers: Mapping[str, str], body: bytes) -> Sequence[MethodEvent]:
        """See ``ReportsMethods.read_method_webhook``."""
        return self._inbox.read_methods(headers, body)

    def start_saving(self, request: SaveRequest) -> Saving:
        """See ``SavesMethods.start_saving``."""
        if request.embedded or request.method not in FACTS.saved_methods:
            raise Refused("PayPal saves an account on its own page, and nothing else.")
        return vault.start(self._calls, request)

    def read_saving(self, gateway_saving: str) -> Saving:
        """See ``SavesMethods.read_saving``."""
        return vault.read(self._calls, gateway_saving)

    def complete_saving(self, gateway_saving: str) -> Saving:
        """See ``SavesMethods.complete_saving``."""
        return vault.complete(self._calls, gateway_saving)

    def method_of_payment(self, gateway_object: str) -> SavedMethod | None:
        """See ``SavesMethods.method_of_payment``."""
        return vault.of_payment(self._calls, gateway_object)

    def read_method(self, gateway_method: str) -> SavedMethod:
        """See ``SavesMethods.read_method``."""
        return vault.read_method(self._calls, gateway_method)

    def remove_method(self, gateway_method: str) -> None:
        """See ``SavesMethods.remove_method``."""
        vault.remove_method(self._calls, gateway_method)

    def prepare_charge(self, request: ChargeRequest) -> GatewayPayment:
        """See ``ChargesSavedMethods.prepare_charge``."""
        return orders.prepare(self._calls, request.reference, request.amount, request.description)

    def charge(self, gateway_object: str, request: ChargeRequest) -> GatewayPayment:
        """See ``ChargesSavedMethods.charge``. This is where the money moves."""
        return vault.charge(self._calls, gateway_object, request)
