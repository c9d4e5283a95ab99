"""Methods that Stripe keeps for a customer, and the mandates of bank accounts."""

from __future__ import annotations

import calendar
from datetime import date
from typing import TYPE_CHECKING, Final, cast

from quittance.core.clock import now
from quittance.core.errors import Refused, Unavailable
from quittance.gateways.base import Holder
from quittance.gateways.saved import GatewayMandate, MandateState, SavedMethod
from quittance.gateways.stripe import shapes
from quittance.gateways.stripe.account import DEBITS, Account
from quittance.gateways.stripe.payments import intent_id, read_intent
from quittance.gateways.stripe.translate import BRANDS

if TYPE_CHECKING:
    from stripe.params import PaymentIntentListParams, SetupIntentListParams

_STATES: Final = {
    "active": MandateState.ACTIVE,
    "pending": MandateState.PENDING,
    "inactive": MandateState.ENDED,
}
_HOLDERS: Final = {"company": Holder.BUSINESS, "individual": Holder.PERSONAL}


def read(account: Account, gateway_method: str) -> SavedMethod:
    """See ``SavesMethods.read_method``. One that is detached has no customer any more."""
    return told(account, _method(account, gateway_method))


def of_payment(account: Account, gateway_object: str) -> SavedMethod | None:
    """See ``SavesMethods.method_of_payment``: only what was set up for later is kept."""
    intent = intent_id(account, gateway_object)
    if not intent:
        return None
    said = read_intent(account, intent)
    if not said.setup_future_usage or said.status not in {"succeeded", "processing"}:
        return None
    id_ = (
        said.payment_method.id
        if isinstance(said.payment_method, shapes.Method)
        else (said.payment_method)
    )
    return read(account, id_) if id_ else None


def remove(account: Account, gateway_method: str) -> None:
    """See ``SavesMethods.remove_method``. One that is gone already is refused, and that is well."""
    try:
        account.calls.do(shapes.Method, lambda api: api.v1.payment_methods.detach(gateway_method))
    except Refused as error:
        if (
            error.facts.get("code") != "resource_missing"
            and _method(account, gateway_method).customer
        ):
            raise


def change_expiry(account: Account, gateway_method: str, expires_on: date) -> SavedMethod:
    """See ``RenewsCards.change_expiry``."""
    if expires_on < now().date():
        raise Refused("This month is past.", expires_on=str(expires_on))
    said = account.calls.do(
        shapes.Method,
        lambda api: api.v1.payment_methods.update(
            gateway_method,
            {"card": {"exp_month": expires_on.month, "exp_year": expires_on.year}},
        ),
    )
    return told(account, said)


def read_mandate(account: Account, gateway_mandate: str) -> GatewayMandate:
    """See ``TakesMandates.read_mandate``."""
    said = _mandate(account, gateway_mandate)
    return _told_mandate(said, _method_of(account, said))


def revoke_mandate(account: Account, gateway_mandate: str) -> GatewayMandate:
    """See ``TakesMandates.revoke_mandate``.

    Stripe ends a mandate when its method is detached, and has no call for it alone [inf].
    """
    said = _mandate(account, gateway_mandate)
    method = _method_of(account, said)
    if _STATES.get(said.status) is not MandateState.ENDED:
        remove(account, method.id)
        said = _mandate(account, gateway_mandate)
    now_ = _told_mandate(said, method)
    if now_.state is not MandateState.ENDED:
        raise Unavailable("The method is removed, but its mandate has not ended yet.")
    return now_


def told(account: Account, said: shapes.Method) -> SavedMethod:
    """Translate a method; a bank account with its mandate, without which it is not usable."""
    is_debit = said.type in DEBITS
    mandate = _mandate_of(account, said) if is_debit else None
    bank = said.us_bank_account or said.sepa_debit
    card = said.card
    ended = mandate is not None and mandate.state is MandateState.ENDED
    return SavedMethod(
        gateway_method=said.id,
        gateway_payer=said.customer or "",
        method="bank_debit" if is_debit else "card",
        is_usable=said.customer is not None and not ended,
        brand=BRANDS.get(card.brand or "", "Card") if card else "",
        bank_name=_bank_name(bank) if bank else "",
        last4=(card.last4 if card else bank.last4 if bank else "") or "",
        expires_on=_last_day(card) if card else None,
        funding=card.funding or "" if card and card.funding != "unknown" else "",
        holder=_HOLDERS.get(bank.account_holder_type or "") if bank else None,
        fingerprint=(card.fingerprint if card else bank.fingerprint if bank else "") or "",
        mandate=mandate,
    )


def _bank_name(bank: shapes.BankFacts) -> str:
    return bank.bank_name or (f"Bank {bank.bank_code}" if bank.bank_code else "Bank account")


def _last_day(card: shapes.CardFacts) -> date | None:
    """Return the last day on which a card can be used: the last of its month."""
    if not card.exp_month or not card.exp_year:
        return None
    return date(
        card.exp_year, card.exp_month, calendar.monthrange(card.exp_year, card.exp_month)[1]
    )


def _method(account: Account, id_: str) -> shapes.Method:
    return account.calls.ask(shapes.Method, lambda api: api.v1.payment_methods.retrieve(id_))


def _mandate(account: Account, id_: str) -> shapes.Mandate:
    return account.calls.ask(shapes.Mandate, lambda api: api.v1.mandates.retrieve(id_))


def _method_of(account: Account, said: shapes.Mandate) -> shapes.Method:
    if isinstance(said.payment_method, shapes.Method):
        return said.payment_method
    return _method(account, said.payment_method)


def _mandate_of(account: Account, method: shapes.Method) -> GatewayMandate | None:
    """Return the mandate under which a bank account is debited: of its setup, or its payment.

    Stripe does not tell it with the method.
    """
    setups = account.calls.all(
        shapes.Setup,
        lambda api, page: api.v1.setup_intents.list(cast("SetupIntentListParams", page)),
        payment_method=method.id,
        expand=["data.mandate"],
    )
    for setup in setups:
        if isinstance(setup.mandate, shapes.Mandate):
            return _told_mandate(setup.mandate, method)
    if not method.customer:
        return None
    paid = account.calls.all(
        shapes.Intent,
        lambda api, page: api.v1.payment_intents.list(cast("PaymentIntentListParams", page)),
        customer=method.customer,
        expand=["data.latest_charge"],
    )
    for intent in paid:
        charge = intent.latest_charge
        details = charge.payment_method_details if isinstance(charge, shapes.Charge) else None
        bank = (details.us_bank_account or details.sepa_debit) if details else None
        if intent.payment_method == method.id and bank and bank.mandate:
            return _told_mandate(_mandate(account, bank.mandate), method)
    return None


def _told_mandate(said: shapes.Mandate, method: shapes.Method) -> GatewayMandate:
    state = _STATES.get(said.status)
    if state is None:
        raise Unavailable("It says a word that we do not know.", status=said.status)
    sepa = said.payment_method_details.sepa_debit
    bank = method.us_bank_account
    is_business = bank is not None and bank.account_holder_type == "company"
    scheme = "ach_ccd" if is_business else "ach_web"
    return GatewayMandate(
        gateway_mandate=said.id,
        reference=sepa.reference if sepa else "",
        scheme="sepa_core" if sepa or method.type == "sepa_debit" else scheme,
        state=state,
    )
