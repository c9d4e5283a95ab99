"""Stripe behind the port: each deed is in a module of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import httpx

from quittance.core.errors import Misconfigured
from quittance.core.money import Money
from quittance.gateways.base import (
    Account,
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
from quittance.gateways.fields import Fields
from quittance.gateways.saved import (
    GatewayMandate,
    MethodEvent,
    SavedMethod,
    SaveRequest,
    Saving,
)
from quittance.gateways.stripe import (
    account,
    books,
    charging,
    disputes,
    fields,
    methods,
    payments,
    refunds,
    saving,
    shapes,
    webhooks,
)
from quittance.gateways.stripe.credentials import Credentials

_NAMELESS: Final = "Stripe account"


class StripeGateway:
    """One account at Stripe, in test or in live mode."""

    def __init__(self, credentials: Credentials, client: httpx.Client) -> None:
        self._account = account.Account.of(credentials, client)
        self.capabilities = self._account.facts

    def check(self) -> Account:
        """See ``Gateway.check``. Raises ``Misconfigured`` also for a key of another account."""
        said = self._account.calls.ask(
            shapes.Account, lambda api: api.v1.accounts.retrieve_current()
        )
        named = self._account.credentials.account_id
        if named and said.id != named:
            message = f"The key belongs to {said.id}, not to {named}."
            raise Misconfigured(message, field="account_id")
        dashboard = said.settings.dashboard if said.settings else None
        name = (dashboard.display_name if dashboard else "") or said.email or _NAMELESS
        return Account(id=said.id, name=name)

    def create_payment(self, request: PaymentRequest) -> GatewayPayment:
        """See ``Gateway.create_payment``."""
        return payments.create(self._account, request)

    def read_payment(self, gateway_object: str) -> GatewayPayment:
        """See ``Gateway.read_payment``."""
        return payments.read(self._account, gateway_object)

    def find_payment(self, reference: str) -> GatewayPayment | None:
        """See ``payments.find``: how a sure "none" comes about."""
        return payments.find(self._account, reference)

    def cancel_payment(self, gateway_object: str) -> GatewayPayment:
        """See ``Gateway.cancel_payment``."""
        return payments.cancel(self._account, gateway_object)

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> Sequence[WebhookEvent]:
        """See ``webhooks.read``."""
        return webhooks.read(self._account, headers, body)

    def create_refund(self, request: RefundRequest) -> GatewayRefund:
        """See ``Refunds.create_refund``."""
        return refunds.create(self._account, request)

    def read_refund(self, gateway_refund: str) -> GatewayRefund:
        """See ``Refunds.read_refund``."""
        return refunds.read(self._account, gateway_refund)

    def find_refund(self, reference: str, *, gateway_object: str) -> GatewayRefund | None:
        """See ``Refunds.find_refund``."""
        return refunds.find(self._account, reference, gateway_object=gateway_object)

    def disputes_of(self, gateway_object: str) -> Sequence[GatewayDispute]:
        """See ``ReportsDisputes.disputes_of``."""
        return disputes.of_payment(self._account, gateway_object)

    def movements(self, cursor: str) -> MovementPage:
        """See ``ReportsMovements.movements``."""
        return books.movements(self._account, cursor)

    def movements_of(self, gateway_object: str) -> Sequence[Movement]:
        """See ``ReportsMovements.movements_of``."""
        return books.of_payment(self._account, gateway_object)

    def payouts(self) -> Sequence[GatewayPayout]:
        """See ``ReportsMovements.payouts``."""
        return books.payouts(self._account)

    def movements_in(self, payout_id: str) -> Sequence[Movement]:
        """See ``ReportsMovements.movements_in``."""
        return books.in_payout(self._account, payout_id)

    def balances(self) -> Mapping[str, Money]:
        """See ``ReportsMovements.balances``."""
        return books.balances(self._account)

    def fields_module(self) -> str:
        """See ``EmbedsFields.fields_module``."""
        return fields.MODULE.read_text(encoding="utf-8")

    def fields_inventory(self) -> str:
        """See ``EmbedsFields.fields_inventory``."""
        return fields.INVENTORY.read_text(encoding="utf-8")

    def fields_of_payment(self, gateway_object: str) -> Fields:
        """See ``EmbedsFields.fields_of_payment``."""
        return fields.of_payment(self._account, gateway_object)

    def fields_of_saving(self, gateway_saving: str) -> Fields:
        """See ``EmbedsFields.fields_of_saving``."""
        return fields.of_saving(self._account, gateway_saving)

    def start_saving(self, request: SaveRequest) -> Saving:
        """See ``SavesMethods.start_saving``."""
        return saving.start(self._account, request)

    def read_saving(self, gateway_saving: str) -> Saving:
        """See ``SavesMethods.read_saving``."""
        return saving.read(self._account, gateway_saving)

    def complete_saving(self, gateway_saving: str) -> Saving:
        """Read it: at Stripe no saving waits for our word."""
        return saving.read(self._account, gateway_saving)

    def method_of_payment(self, gateway_object: str) -> SavedMethod | None:
        """See ``SavesMethods.method_of_payment``."""
        return methods.of_payment(self._account, gateway_object)

    def read_method(self, gateway_method: str) -> SavedMethod:
        """See ``SavesMethods.read_method``."""
        return methods.read(self._account, gateway_method)

    def remove_method(self, gateway_method: str) -> None:
        """See ``SavesMethods.remove_method``."""
        methods.remove(self._account, gateway_method)

    def change_expiry(self, gateway_method: str, expires_on: date) -> SavedMethod:
        """See ``RenewsCards.change_expiry``."""
        return methods.change_expiry(self._account, gateway_method, expires_on)

    def verify_with_amounts(self, gateway_saving: str, first: Money, second: Money) -> Saving:
        """See ``VerifiesAccounts.verify_with_amounts``."""
        return saving.verify_amounts(self._account, gateway_saving, first, second)

    def verify_with_code(self, gateway_saving: str, code: str) -> Saving:
        """See ``VerifiesAccounts.verify_with_code``."""
        return saving.verify_code(self._account, gateway_saving, code)

    def read_mandate(self, gateway_mandate: str) -> GatewayMandate:
        """See ``TakesMandates.read_mandate``."""
        return methods.read_mandate(self._account, gateway_mandate)

    def revoke_mandate(self, gateway_mandate: str) -> GatewayMandate:
        """See ``TakesMandates.revoke_mandate``."""
        return methods.revoke_mandate(self._account, gateway_mandate)

    def read_method_webhook(self, headers: Mapping[str, str], body: bytes) -> Sequence[MethodEvent]:
        """See ``ReportsMethods.read_method_webhook``."""
        return webhooks.read_of_methods(self._account, headers, body)

    def prepare_charge(self, request: ChargeRequest) -> GatewayPayment:
        """See ``ChargesSavedMethods.prepare_charge``."""
        return charging.prepare(self._account, request)

    def charge(self, gateway_object: str, request: ChargeRequest) -> GatewayPayment:
        """See ``ChargesSavedMethods.charge``."""
        return charging.charge(self._account, gateway_object, request)
