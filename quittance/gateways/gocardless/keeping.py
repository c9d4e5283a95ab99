"""What GoCardless keeps: mandates on bank accounts, and debits of them."""

from __future__ import annotations

from typing import Any

from quittance.core.errors import OutcomeUnknown, Refused, Unavailable
from quittance.gateways.amounts import whole_number
from quittance.gateways.base import Capabilities, GatewayPayment
from quittance.gateways.charges import ChargeRequest
from quittance.gateways.gocardless import shapes, translate
from quittance.gateways.gocardless.calls import Calls
from quittance.gateways.gocardless.translate import BACK, PURPOSE, REFERENCE
from quittance.gateways.saved import GatewayMandate, SavedMethod, SaveRequest, Saving, SavingState
from quittance.httpclient.answers import part

_SCHEMES = {"EUR": "sepa_core", "GBP": "bacs"}
_STATES = {"fulfilled": SavingState.SAVED, "cancelled": SavingState.CANCELLED}


class Keeping:
    """The deeds of ``saved`` and ``charges``. The token of a saved account is its mandate's id."""

    capabilities: Capabilities
    _calls: Calls

    def start_saving(self, request: SaveRequest) -> Saving:
        """See ``SavesMethods.start_saving``."""
        metadata = {
            REFERENCE: request.reference,
            PURPOSE: f"saving {request.consent.text_version}",
            BACK: request.return_url,
        }
        made = self._ask_mandate(request.reference, metadata, request.currency)
        if made.metadata.get(REFERENCE) != request.reference:
            raise OutcomeUnknown("It answered about another saving.", gateway_saving=made.id)
        return self._saving(made, link=self._link(made))

    def read_saving(self, gateway_saving: str) -> Saving:
        """See ``SavesMethods.read_saving``."""
        path = f"/billing_requests/{part(gateway_saving)}"
        return self._saving(self._calls.read("billing_requests", path, shapes.BillingRequest))

    def complete_saving(self, gateway_saving: str) -> Saving:
        """See ``SavesMethods.complete_saving``. Our flows fulfil themselves."""
        return self.read_saving(gateway_saving)

    def method_of_payment(self, gateway_object: str) -> SavedMethod | None:
        """See ``SavesMethods.method_of_payment``."""
        path = f"/billing_requests/{part(gateway_object)}"
        asked = self._calls.read("billing_requests", path, shapes.BillingRequest)
        mandate = asked.links.mandate_request_mandate
        if translate.purpose_of(asked.metadata) != "kept" or not mandate:
            return None
        return self.read_method(mandate)

    def read_method(self, gateway_method: str) -> SavedMethod:
        """See ``SavesMethods.read_method``."""
        mandate = self._mandate(gateway_method)
        return translate.method_of(mandate, self._account(mandate))

    def remove_method(self, gateway_method: str) -> None:
        """See ``SavesMethods.remove_method``: ends the mandate."""
        self.revoke_mandate(gateway_method)

    def read_mandate(self, gateway_mandate: str) -> GatewayMandate:
        """See ``TakesMandates.read_mandate``."""
        return translate.mandate_of(self._mandate(gateway_mandate))

    def revoke_mandate(self, gateway_mandate: str) -> GatewayMandate:
        """See ``TakesMandates.revoke_mandate``."""
        id_ = part(gateway_mandate)
        try:
            return translate.mandate_of(self._calls.act("mandates", id_, "cancel", shapes.Mandate))
        except Refused:  # it ended before, or there is none: then reading refuses too
            return self.read_mandate(gateway_mandate)

    def prepare_charge(self, request: ChargeRequest) -> GatewayPayment:
        """See ``ChargesSavedMethods.prepare_charge``. One step: this is the debit."""
        amount = whole_number(request.amount, self.capabilities)
        content = {
            "amount": amount,
            "currency": request.amount.currency,
            "description": request.description[:255],
            "links": {"mandate": request.gateway_method},
            "metadata": {REFERENCE: request.reference},
        }
        said = self._calls.create("payments", content, shapes.Payment, key=request.reference)
        if said.metadata.get(REFERENCE) != request.reference:
            raise OutcomeUnknown("It answered about another payment.", gateway_object=said.id)
        if (said.amount, said.currency) != (amount, request.amount.currency):
            raise Refused(
                "This reference was used for another amount.", reference=request.reference
            )
        return self._of_payment(said, said.id)

    def charge(self, gateway_object: str, request: ChargeRequest) -> GatewayPayment:
        """See ``ChargesSavedMethods.charge``. It was taken in the first step: look only."""
        now = self.read_payment(gateway_object)
        if now.reference != request.reference:
            raise Unavailable("It answered about another payment.", gateway_object=gateway_object)
        return now

    def read_payment(self, gateway_object: str) -> GatewayPayment:
        """See ``Gateway.read_payment``."""
        raise NotImplementedError

    def _of_payment(self, said: shapes.Payment, gateway_object: str) -> GatewayPayment:
        raise NotImplementedError

    def _ask_mandate(
        self, reference: str, metadata: dict[str, str], currency: str
    ) -> shapes.BillingRequest:
        """Make a billing request for a mandate, once for each reference."""
        content: dict[str, Any] = {
            "mandate_request": {"currency": currency, "scheme": _SCHEMES[currency]},
            "metadata": metadata,
        }
        kind = "billing_requests"
        return self._calls.create(kind, content, shapes.BillingRequest, key=reference)

    def _link(self, asked: shapes.BillingRequest) -> str:
        """Return a link to its pages. Each call makes a new one, also with the same key."""
        back = asked.metadata.get(BACK, "")
        content = {
            "redirect_uri": back,
            "exit_uri": back,
            "links": {"billing_request": asked.id},
        }
        kind = "billing_request_flows"
        return self._calls.create(kind, content, shapes.Flow, key="").authorisation_url

    def _new_link(self, asked: shapes.BillingRequest) -> str:
        """Return a link for whoever only asks. Raises ``Unavailable`` when there is none."""
        try:
            return self._link(asked)
        except OutcomeUnknown as error:
            raise Unavailable("It did not make a link to its pages.", id=asked.id) from error

    def _saving(self, said: shapes.BillingRequest, *, link: str = "") -> Saving:
        state = _STATES.get(said.status, SavingState.OPEN)
        mandate = said.links.mandate_request_mandate
        return Saving(
            gateway_saving=said.id,
            reference=said.metadata.get(REFERENCE, ""),
            state=state,
            redirect_url=(link or self._new_link(said)) if state is SavingState.OPEN else "",
            saved=self.read_method(mandate) if state is SavingState.SAVED else None,
        )

    def _mandate(self, id_: str) -> shapes.Mandate:
        return self._calls.read("mandates", f"/mandates/{part(id_)}", shapes.Mandate)

    def _account(self, mandate: shapes.Mandate) -> shapes.BankAccount:
        path = f"/customer_bank_accounts/{part(mandate.links.customer_bank_account)}"
        return self._calls.read("customer_bank_accounts", path, shapes.BankAccount)
