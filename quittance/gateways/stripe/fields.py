"""The payment element on our own page: what its script needs, and our small module around it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from quittance.core.errors import Refused
from quittance.gateways.base import PaymentState
from quittance.gateways.fields import Fields
from quittance.gateways.saved import SavingState
from quittance.gateways.stripe.account import FIELDS, FLOW, Account
from quittance.gateways.stripe.payments import read_intent
from quittance.gateways.stripe.saving import read_setup, saving_of_setup
from quittance.gateways.stripe.translate import payment_of_intent

MODULE: Final = Path(__file__).with_name("fields.js")
INVENTORY: Final = Path(__file__).with_name("page.toml")


def of_payment(account: Account, gateway_object: str) -> Fields:
    """See ``EmbedsFields.fields_of_payment``."""
    said = read_intent(account, gateway_object)
    is_open = payment_of_intent(account, said).state is PaymentState.OPEN
    if not is_open or said.metadata.get(FLOW) != FIELDS or not said.client_secret:
        raise Refused("This payment has no fields to show.", gateway_object=gateway_object)
    return _fields(account, said.client_secret, "payment")


def of_saving(account: Account, gateway_saving: str) -> Fields:
    """See ``EmbedsFields.fields_of_saving``."""
    said = read_setup(account, gateway_saving)
    is_open = saving_of_setup(account, said).state is SavingState.OPEN
    if not is_open or (said.metadata or {}).get(FLOW) != FIELDS or not said.client_secret:
        raise Refused("This saving has no fields to show.", gateway_saving=gateway_saving)
    return _fields(account, said.client_secret, "saving")


def _fields(account: Account, secret: str, kind: str) -> Fields:
    return Fields(
        script=account.credentials.script_address,
        public_key=account.credentials.publishable_key,
        client_token=secret,
        options={"kind": kind},
    )
