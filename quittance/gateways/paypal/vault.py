"""Accounts that PayPal keeps for us to charge later, and the payer's agreement to it."""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec

from quittance.core.errors import Unavailable
from quittance.gateways.base import GatewayPayment
from quittance.gateways.charges import ChargeRequest, StartedBy
from quittance.gateways.paypal import orders
from quittance.gateways.paypal.calls import Calls
from quittance.gateways.paypal.shapes import CHARGES, Link, Text, link_in
from quittance.gateways.paypal.translate import payment_of
from quittance.gateways.saved import SavedMethod, SaveRequest, Saving, SavingState
from quittance.httpclient.answers import part

_SETUP, _TOKENS = "/v3/vault/setup-tokens", "/v3/vault/payment-tokens"
_LABEL: Final = "PayPal"


class Customer(msgspec.Struct, frozen=True):
    """Whose account it is."""

    id: str = ""


class Account(msgspec.Struct, frozen=True):
    """The payer's account; his name and mail address are not read."""

    account_id: str = ""
    payer_id: str = ""


class Source(msgspec.Struct, frozen=True):
    """What is kept."""

    paypal: Account | None = None


class SetupToken(msgspec.Struct, frozen=True):
    """An attempt to keep an account, as far as we read it."""

    id: Text
    status: Annotated[str, msgspec.Meta(min_length=1)]
    customer: Customer = Customer()
    links: list[Link] = msgspec.field(default_factory=list)


class PaymentToken(msgspec.Struct, frozen=True):
    """A kept account, as far as we read it."""

    id: Text
    customer: Customer = Customer()
    payment_source: Source = Source()


class Kept(msgspec.Struct, frozen=True):
    """All that is kept for one customer."""

    payment_tokens: list[PaymentToken] = msgspec.field(default_factory=list)


def start(calls: Calls, request: SaveRequest) -> Saving:
    """Make a setup token for the payer to approve.

    PayPal keeps no id of ours with it, so ours is a part of what we call it.
    """
    context = {"return_url": request.return_url, "cancel_url": request.cancel_url}
    said = calls.write(
        _SETUP,
        SetupToken,
        {
            "customer": {"id": orders.payer_id(request.payer)},
            "payment_source": {
                "paypal": {
                    "usage_type": "MERCHANT",
                    "permit_multiple_payment_tokens": True,
                    "experience_context": {**context, "shipping_preference": "NO_SHIPPING"},
                }
            },
        },
        key=request.reference,
    )
    return _saving(calls, said, request.reference)


def read(calls: Calls, gateway_saving: str) -> Saving:
    """Return an attempt as it is now; PayPal forgets one that nobody approved: it is over."""
    token, _, reference = gateway_saving.partition("/")
    path = f"{_SETUP}/{part(token)}"
    said = calls.find(path, SetupToken) if reference else calls.read(path, SetupToken)
    if said is None:
        return Saving(
            gateway_saving=gateway_saving,
            reference=reference,
            state=SavingState.CANCELLED,
            reason="abandoned",
        )
    return _saving(calls, said, reference)


def complete(calls: Calls, gateway_saving: str) -> Saving:
    """Have PayPal keep what the payer approved. Under one key it is kept once."""
    saving = read(calls, gateway_saving)
    if not saving.waits_for_us:
        return saving
    token, _, reference = gateway_saving.partition("/")
    content = {"payment_source": {"token": {"id": token, "type": "SETUP_TOKEN"}}}
    made = calls.write(_TOKENS, PaymentToken, content, key=f"{reference}:keep")
    return Saving(
        gateway_saving=gateway_saving,
        reference=reference,
        state=SavingState.SAVED,
        saved=_method(made),
    )


def _saving(calls: Calls, said: SetupToken, reference: str) -> Saving:
    state, saved, url = SavingState.OPEN, None, ""
    if said.status == "VAULTED":
        state = SavingState.SAVED
        kept = calls.read(_TOKENS, Kept, customer_id=said.customer.id).payment_tokens
        saved = _method(kept[-1]) if kept else None
    elif said.status != "APPROVED":
        url = link_in(said.links, "payer-action", "approve")
    return Saving(
        gateway_saving=f"{said.id}/{reference}",
        reference=reference,
        state=state,
        redirect_url=url,
        waits_for_us=said.status == "APPROVED",
        saved=saved,
    )


def of_payment(calls: Calls, gateway_object: str) -> SavedMethod | None:
    """Return what was kept with a payment; PayPal shows it some moments later, or never."""
    kept = orders.fetch(calls, gateway_object).payment_source.paypal.attributes.vault
    return read_method(calls, kept.id) if kept.id else None


def read_method(calls: Calls, gateway_method: str) -> SavedMethod:
    """Return a kept account; one that PayPal does not know any more can not be charged."""
    said = calls.find(f"{_TOKENS}/{part(gateway_method)}", PaymentToken)
    if said is not None:
        return _method(said)
    return SavedMethod(
        gateway_method=gateway_method, gateway_payer="", method="wallet", is_usable=False,
        brand=_LABEL,
    )  # fmt: skip


def remove_method(calls: Calls, gateway_method: str) -> None:
    """Have PayPal forget it; one that is gone already is no error."""
    calls.remove(f"{_TOKENS}/{part(gateway_method)}")


def charge(calls: Calls, gateway_object: str, request: ChargeRequest) -> GatewayPayment:
    """Capture a prepared order from a kept account, once.

    The description of February 2024 has no stored-credential words for PayPal accounts, only for
    cards: the token itself says that the payer agreed.
    """
    order = orders.fetch(calls, gateway_object)
    if order.unit.reference_id != CHARGES or not order.waits_for_us:
        return payment_of(order, Unavailable)
    wallet: dict[str, Any] = {"vault_id": request.gateway_method}
    is_there = request.started_by is StartedBy.PAYER and bool(request.return_url)
    if is_there:
        back = {"return_url": request.return_url, "cancel_url": request.return_url}
        wallet["experience_context"] = back
    source = {"paypal": wallet} if order.status == "CREATED" else None
    return orders.capture(calls, order, source, payer_is_there=is_there)


def _method(said: PaymentToken) -> SavedMethod:
    account = said.payment_source.paypal or Account()
    return SavedMethod(
        gateway_method=said.id,
        gateway_payer=said.customer.id,
        method="wallet",
        is_usable=True,
        brand=_LABEL,
        fingerprint=account.account_id or account.payer_id,
    )
