"""Savings: a method is kept for later, on Checkout's page or in fields on our own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from quittance.core.errors import OutcomeUnknown, Refused, Unavailable
from quittance.core.money import Money
from quittance.gateways.amounts import whole_number
from quittance.gateways.saved import Proof, SaveRequest, Saving, SavingState, Verification
from quittance.gateways.stripe import methods, shapes
from quittance.gateways.stripe.account import (
    FIELDS,
    FLOW,
    HOLDER,
    HOSTED,
    REFERENCE,
    Account,
    kind_of,
    locale_of,
)
from quittance.gateways.stripe.payments import customer_for, usage_of
from quittance.gateways.stripe.translate import day, detail_of, reason_of

if TYPE_CHECKING:
    from stripe.params import SetupIntentVerifyMicrodepositsParams

_OF_SETUP: Final = ["payment_method", "mandate"]
_OF_SESSION: Final = ["setup_intent.payment_method", "setup_intent.mandate"]
_SESSION: Final = re.compile(r"cs_[A-Za-z0-9_]+")
_SETUP: Final = re.compile(r"seti_[A-Za-z0-9_]+")
_WRONG_PROOF: Final = "payment_method_microdeposit_verification_"


def start(account: Account, request: SaveRequest) -> Saving:
    """See ``SavesMethods.start_saving``.

    Stripe asks the cardholder's bank now, with the payer there, and flags the later charges to the
    networks as resting on it. Source: features 5.3; docs.stripe.com/payments/save-and-reuse [docs].
    """
    kind = kind_of(request.method, request.currency)
    customer = customer_for(account, request.payer)
    told = {REFERENCE: request.reference, FLOW: FIELDS if request.embedded else HOSTED}
    if request.consent.holder is not None:
        told[HOLDER] = request.consent.holder.value
    if request.embedded:
        if not account.credentials.publishable_key:
            raise Refused("Fields on our page need the publishable key.", field="publishable_key")
        setup = account.calls.do(
            shapes.Setup,
            lambda api: api.v1.setup_intents.create(
                {
                    "customer": customer,
                    "allowed_payment_method_types": [kind],
                    "usage": usage_of(request.consent.agreement, kind),
                    "metadata": told,
                },
                {"idempotency_key": request.reference},
            ),
        )
        answer = saving_of_setup(account, setup)
    else:
        session = account.calls.do(
            shapes.Session,
            lambda api: api.v1.checkout.sessions.create(
                {
                    "mode": "setup",
                    "customer": customer,
                    "currency": request.currency.lower(),
                    "allowed_payment_method_types": [kind],
                    "success_url": request.return_url,
                    "cancel_url": request.cancel_url,
                    "locale": locale_of(request.locale),
                    "metadata": told,
                    "setup_intent_data": {"metadata": told},
                },
                {"idempotency_key": request.reference},
            ),
        )
        answer = _of_session(account, session)
    if answer.reference != request.reference:
        raise OutcomeUnknown("It answered about another saving.", saving=answer.gateway_saving)
    return answer


def read(account: Account, gateway_saving: str) -> Saving:
    """See ``SavesMethods.read_saving``."""
    if _SESSION.fullmatch(gateway_saving):
        return _of_session(account, _session(account, gateway_saving))
    return saving_of_setup(account, read_setup(account, gateway_saving))


def read_setup(account: Account, id_: str) -> shapes.Setup:
    """Return a setup intent with its method as it is now."""
    if not _SETUP.fullmatch(id_):
        raise Refused("This is no id of a saving at Stripe.", gateway_saving=id_)
    said = account.calls.ask(
        shapes.Setup, lambda api: api.v1.setup_intents.retrieve(id_, {"expand": _OF_SETUP})
    )
    if said.id != id_:
        raise Unavailable("It answered about another saving.", gateway_saving=said.id)
    return said


def verify_amounts(account: Account, gateway_saving: str, first: Money, second: Money) -> Saving:
    """See ``VerifiesAccounts.verify_with_amounts``."""
    amounts = [whole_number(each, account.facts) for each in (first, second)]
    return _verify(account, gateway_saving, {"amounts": amounts})


def verify_code(account: Account, gateway_saving: str, code: str) -> Saving:
    """See ``VerifiesAccounts.verify_with_code``."""
    return _verify(account, gateway_saving, {"descriptor_code": code})


def _verify(
    account: Account, gateway_saving: str, proof: SetupIntentVerifyMicrodepositsParams
) -> Saving:
    """Try a proof. Stripe says by an error that it is wrong; what follows is read."""
    if read(account, gateway_saving).state is not SavingState.VERIFYING:
        raise Refused("This saving waits for no proof.", gateway_saving=gateway_saving)
    setup = gateway_saving
    if _SESSION.fullmatch(gateway_saving):
        inside = _session(account, gateway_saving).setup_intent
        setup = inside.id if isinstance(inside, shapes.Setup) else inside or ""
    try:
        account.calls.do(
            shapes.Setup, lambda api: api.v1.setup_intents.verify_microdeposits(setup, proof)
        )
    except Refused as error:
        if not str(error.facts.get("code", "")).startswith(_WRONG_PROOF):
            raise
    return read(account, gateway_saving)


def saving_of_setup(
    account: Account, said: shapes.Setup, *, id_: str = "", url: str = "", is_over: bool = True
) -> Saving:
    """Translate a setup intent: our own, or with ``id_`` and ``url`` that of a Checkout Session.

    In fields, and on a page that is open, the payer may try again: ``OPEN``.
    """
    state = _state(said, is_over=is_over and bool(id_))
    problem = said.last_setup_error
    failed = state is SavingState.FAILED
    if said.status == "canceled" and problem is not None:
        state, failed = SavingState.FAILED, True
    is_kept = state is SavingState.SAVED and isinstance(said.payment_method, shapes.Method)
    return Saving(
        gateway_saving=id_ or said.id,
        reference=(said.metadata or {}).get(REFERENCE, ""),
        state=state,
        redirect_url=(url or _bank_url(said)) if state is SavingState.OPEN else "",
        verification=_verification(said) if state is SavingState.VERIFYING else None,
        saved=methods.told(account, said.payment_method)
        if is_kept and isinstance(said.payment_method, shapes.Method)
        else None,
        reason=reason_of(problem) if problem and failed else "",
        detail=detail_of(problem) if problem else "",
    )


def _session(account: Account, id_: str) -> shapes.Session:
    said = account.calls.ask(
        shapes.Session,
        lambda api: api.v1.checkout.sessions.retrieve(id_, {"expand": _OF_SESSION}),
    )
    if said.id != id_ or said.mode != "setup":
        raise Refused("This Checkout Session saves nothing.", gateway_saving=id_)
    return said


def _of_session(account: Account, said: shapes.Session) -> Saving:
    is_open = said.status == "open"
    url = (said.url or "") if is_open else ""
    if isinstance(said.setup_intent, shapes.Setup):
        return saving_of_setup(
            account, said.setup_intent, id_=said.id, url=url, is_over=not is_open
        )
    return Saving(
        gateway_saving=said.id,
        reference=(said.metadata or {}).get(REFERENCE, ""),
        state=SavingState.OPEN if is_open else SavingState.CANCELLED,
        redirect_url=url,
    )


def _state(said: shapes.Setup, *, is_over: bool) -> SavingState:
    proving = said.next_action is not None and said.next_action.verify_with_microdeposits
    if said.status == "succeeded":
        return SavingState.SAVED
    if said.status == "canceled":
        return SavingState.CANCELLED
    if said.status == "requires_action" and proving:
        return SavingState.VERIFYING
    failed = said.status == "requires_payment_method" and said.last_setup_error is not None
    code = said.last_setup_error.code if said.last_setup_error else None
    if failed and (is_over or (code or "").startswith(_WRONG_PROOF)):
        return SavingState.FAILED
    return SavingState.OPEN


def _bank_url(said: shapes.Setup) -> str:
    action = said.next_action
    return (action.redirect_to_url.url or "") if action and action.redirect_to_url else ""


def _verification(said: shapes.Setup) -> Verification | None:
    told = said.next_action.verify_with_microdeposits if said.next_action else None
    if told is None:
        return None
    proof = Proof.AMOUNTS if told.microdeposit_type == "amounts" else Proof.CODE
    return Verification(proof=proof, arrives_on=day(told.arrival_date))
