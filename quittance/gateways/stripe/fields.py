"""The payment element on our own page: what its script needs, and our small module around it."""

from __future__ import annotations

from typing import Final

from quittance.core.errors import Refused
from quittance.gateways.base import PaymentState
from quittance.gateways.fields import Fields
from quittance.gateways.saved import SavingState
from quittance.gateways.stripe.account import FIELDS, FLOW, Account
from quittance.gateways.stripe.payments import read_intent
from quittance.gateways.stripe.saving import read_setup, saving_of_setup
from quittance.gateways.stripe.translate import payment_of_intent

# Source: docs.stripe.com/js/elements_object/create_payment_element and /js/payment_intents [docs].
MODULE: Final = """\
function load(address) {
  if (window.Stripe) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = resolve;
    script.onerror = () => reject(new Error("The payment fields could not be loaded."));
    document.head.append(script);
  });
}

export async function mount(place, facts) {
  await load(facts.script);
  const stripe = window.Stripe(facts.public_key, { locale: facts.locale || "auto" });
  const elements = stripe.elements({ clientSecret: facts.client_token });
  const element = elements.create("payment");
  const ready = new Promise((resolve) => { element.on("ready", resolve); });
  element.mount(place);
  await ready;
  const saves = facts.options && facts.options.kind === "saving";

  async function confirm() {
    const checked = await elements.submit();
    if (checked.error) return { error: checked.error.message };
    const told = { elements, confirmParams: { return_url: facts.return_url } };
    const done = saves
      ? await stripe.confirmSetup({ ...told, redirect: "if_required" })
      : await stripe.confirmPayment({ ...told, redirect: "if_required" });
    return done.error ? { error: done.error.message } : {};
  }

  return { confirm };
}
"""


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
