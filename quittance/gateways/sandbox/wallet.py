"""The sandbox's deeds with saved methods and embedded fields."""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from typing import Any, TypeVar

import httpx
import msgspec

from quittance.core.errors import OutcomeUnknown, Refused, Unavailable
from quittance.core.money import Money
from quittance.gateways.base import GatewayPayment
from quittance.gateways.charges import ChargeRequest
from quittance.gateways.fields import Fields
from quittance.gateways.sandbox import kept, translate
from quittance.gateways.sandbox.calls import Calls, HasId
from quittance.gateways.sandbox.credentials import Credentials
from quittance.gateways.saved import GatewayMandate, SavedMethod, SaveRequest, Saving
from quittance.httpclient.answers import part

T = TypeVar("T", bound=HasId)


class KeptPayment(msgspec.Struct, frozen=True):
    """The members of a payment that only embedded and saving ones have."""

    id: translate.Text
    client_token: str | None = None
    saved_method: kept.Method | None = None


class Wallet:
    """The optional deeds of ``saved``, ``charges`` and ``fields``."""

    def __init__(self, credentials: Credentials, client: httpx.Client) -> None:
        self._credentials = credentials
        self._calls = Calls(credentials, client)

    def start_saving(self, request: SaveRequest) -> Saving:
        """See ``SavesMethods.start_saving``."""
        made = self._calls.write(
            "/savings",
            kept.SavingAnswer,
            key=request.reference,
            content={
                "reference": request.reference,
                "method": request.method,
                "currency": request.currency,
                "payer": kept.payer_for(request.payer),
                "consent": kept.consent_for(request.consent),
                "return_url": request.return_url,
                "cancel_url": request.cancel_url,
                "locale": request.locale,
                "embedded": request.embedded,
            },
        )
        if made.reference != request.reference:
            raise OutcomeUnknown("It answered about another saving.", gateway_saving=made.id)
        return kept.saving_of(made)

    def read_saving(self, gateway_saving: str) -> Saving:
        """See ``SavesMethods.read_saving``."""
        return kept.saving_of(self._saving(gateway_saving))

    def complete_saving(self, gateway_saving: str) -> Saving:
        """See ``SavesMethods.complete_saving``. The sandbox never waits for our word."""
        return self.read_saving(gateway_saving)

    def method_of_payment(self, gateway_object: str) -> SavedMethod | None:
        """See ``SavesMethods.method_of_payment``."""
        said = self._payment(gateway_object).saved_method
        return kept.method_of(said) if said is not None else None

    def read_method(self, gateway_method: str) -> SavedMethod:
        """See ``SavesMethods.read_method``."""
        said = self._calls.read(f"/saved_methods/{part(gateway_method)}", kept.Method)
        return kept.method_of(_about(said, gateway_method))

    def remove_method(self, gateway_method: str) -> None:
        """See ``SavesMethods.remove_method``."""
        self._calls.delete(f"/saved_methods/{part(gateway_method)}", kept.Method)

    def verify_with_amounts(self, gateway_saving: str, first: Money, second: Money) -> Saving:
        """See ``VerifiesAccounts.verify_with_amounts``."""
        return self._verify(gateway_saving, amounts=[first.minor, second.minor])

    def verify_with_code(self, gateway_saving: str, code: str) -> Saving:
        """See ``VerifiesAccounts.verify_with_code``."""
        return self._verify(gateway_saving, code=code.strip())

    def _verify(self, gateway_saving: str, **proof: Any) -> Saving:
        path = f"/savings/{part(gateway_saving)}/verify"
        return kept.saving_of(self._calls.write(path, kept.SavingAnswer, content=proof))

    def change_expiry(self, gateway_method: str, expires_on: date) -> SavedMethod:
        """See ``RenewsCards.change_expiry``."""
        path = f"/saved_methods/{part(gateway_method)}/expiry"
        content: dict[str, object] = {"expires": f"{expires_on:%Y-%m}"}
        return kept.method_of(self._calls.write(path, kept.Method, content=content))

    def read_mandate(self, gateway_mandate: str) -> GatewayMandate:
        """See ``TakesMandates.read_mandate``."""
        said = self._calls.read(f"/mandates/{part(gateway_mandate)}", kept.Mandate)
        return kept.mandate_of(said)

    def revoke_mandate(self, gateway_mandate: str) -> GatewayMandate:
        """See ``TakesMandates.revoke_mandate``."""
        path = f"/mandates/{part(gateway_mandate)}/revoke"
        return kept.mandate_of(self._calls.write(path, kept.Mandate))

    def prepare_charge(self, request: ChargeRequest) -> GatewayPayment:
        """See ``ChargesSavedMethods.prepare_charge``."""
        made = self._calls.write(
            "/charges",
            translate.Payment,
            key=request.reference,
            content={
                "reference": request.reference,
                "saved_method": request.gateway_method,
                "amount_minor": request.amount.minor,
                "currency": request.amount.currency,
                "description": request.description,
                "started_by": request.started_by,
                "agreement": request.agreement,
                "initial_reference": request.initial_reference or None,
                "return_url": request.return_url or self._credentials.address,
                "locale": request.locale,
            },
        )
        if made.reference != request.reference:
            raise OutcomeUnknown("It answered about another payment.", gateway_object=made.id)
        return translate.payment_of(made)

    def charge(self, gateway_object: str, request: ChargeRequest) -> GatewayPayment:
        """See ``ChargesSavedMethods.charge``."""
        said = self._calls.write(
            f"/payments/{part(gateway_object)}/charge",
            translate.Payment,
            key=f"{request.reference}:charge",
        )
        if (said.id, said.reference) != (gateway_object, request.reference):
            raise OutcomeUnknown("It answered about another payment.", gateway_object=said.id)
        return translate.payment_of(said)

    def fields_module(self) -> str:
        """See ``EmbedsFields.fields_module``."""
        return files(__package__).joinpath("fields.js").read_text("utf-8")

    def fields_inventory(self) -> str:
        """See ``EmbedsFields.fields_inventory``."""
        return files(__package__).joinpath("page.toml").read_text("utf-8")

    def fields_of_payment(self, gateway_object: str) -> Fields:
        """See ``EmbedsFields.fields_of_payment``."""
        return self._fields(self._payment(gateway_object).client_token)

    def fields_of_saving(self, gateway_saving: str) -> Fields:
        """See ``EmbedsFields.fields_of_saving``."""
        return self._fields(self._saving(gateway_saving).client_token)

    def _fields(self, token: str | None) -> Fields:
        if not token or not self._credentials.fields_address:
            raise Refused("Its fields cannot be shown: it is over, or has a page of its own.")
        script = f"{self._credentials.fields_address.rstrip('/')}/fields.js"
        return Fields(script=script, public_key="", client_token=token)

    def _payment(self, gateway_object: str) -> KeptPayment:
        said = self._calls.read(f"/payments/{part(gateway_object)}", KeptPayment)
        return _about(said, gateway_object)

    def _saving(self, gateway_saving: str) -> kept.SavingAnswer:
        said = self._calls.read(f"/savings/{part(gateway_saving)}", kept.SavingAnswer)
        return _about(said, gateway_saving)


def _about(said: T, id_: str) -> T:
    """Return an answer. Raises ``Unavailable`` for one about another object."""
    if said.id != id_:
        raise Unavailable("It answered about something else.", id=said.id)
    return said
