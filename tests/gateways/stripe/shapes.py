"""Holds requests and answers against the types of the official ``stripe`` package.

Its types are generated from Stripe's own description: a field that they do not know, one that they
promise and that is missing, or a word that they do not list is a problem.
"""

from __future__ import annotations

import inspect
import re
import sys
import typing
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import Any, Final, ForwardRef, Literal, Union, get_args, get_origin

import stripe
import typing_extensions
from stripe._object_classes import OBJECT_CLASSES, get_object_class
from stripe._stripe_object import StripeObject, UntypedStripeObject

_WRAPPERS: Final = (typing_extensions.NotRequired, typing_extensions.Required)
# Which parameters a call may have: the method, the path, and where the SDK declares them.
CALLS: Final = {
    "POST /v1/customers": "_customer_create_params:CustomerCreateParams",
    "POST /v1/customers/{}": "_customer_modify_params:CustomerModifyParams",
    "POST /v1/payment_intents": "_payment_intent_create_params:PaymentIntentCreateParams",
    "POST /v1/payment_intents/{}/confirm": (
        "_payment_intent_confirm_params:PaymentIntentConfirmParams"
    ),
    "POST /v1/payment_intents/{}/cancel": "_payment_intent_cancel_params:PaymentIntentCancelParams",
    "GET /v1/payment_intents": "_payment_intent_list_params:PaymentIntentListParams",
    "GET /v1/payment_intents/{}": "_payment_intent_retrieve_params:PaymentIntentRetrieveParams",
    "POST /v1/setup_intents": "_setup_intent_create_params:SetupIntentCreateParams",
    "POST /v1/setup_intents/{}/cancel": "_setup_intent_cancel_params:SetupIntentCancelParams",
    "POST /v1/setup_intents/{}/verify_microdeposits": (
        "_setup_intent_verify_microdeposits_params:SetupIntentVerifyMicrodepositsParams"
    ),
    "GET /v1/setup_intents": "_setup_intent_list_params:SetupIntentListParams",
    "GET /v1/setup_intents/{}": "_setup_intent_retrieve_params:SetupIntentRetrieveParams",
    "POST /v1/checkout/sessions": "checkout._session_create_params:SessionCreateParams",
    "GET /v1/checkout/sessions": "checkout._session_list_params:SessionListParams",
    "GET /v1/checkout/sessions/{}": "checkout._session_retrieve_params:SessionRetrieveParams",
    "POST /v1/checkout/sessions/{}/expire": "checkout._session_expire_params:SessionExpireParams",
    "GET /v1/payment_methods/{}": "_payment_method_retrieve_params:PaymentMethodRetrieveParams",
    "POST /v1/payment_methods/{}": "_payment_method_modify_params:PaymentMethodModifyParams",
    "POST /v1/payment_methods/{}/detach": "_payment_method_detach_params:PaymentMethodDetachParams",
    "GET /v1/mandates/{}": "_mandate_retrieve_params:MandateRetrieveParams",
    "POST /v1/refunds": "_refund_create_params:RefundCreateParams",
    "GET /v1/refunds": "_refund_list_params:RefundListParams",
    "GET /v1/refunds/{}": "_refund_retrieve_params:RefundRetrieveParams",
    "GET /v1/charges": "_charge_list_params:ChargeListParams",
    "GET /v1/disputes": "_dispute_list_params:DisputeListParams",
    "GET /v1/payouts": "_payout_list_params:PayoutListParams",
    "GET /v1/balance": "_balance_retrieve_params:BalanceRetrieveParams",
    "GET /v1/balance_transactions": "_balance_transaction_list_params:BalanceTransactionListParams",
    "GET /v1/account": "_account_retrieve_current_params:AccountRetrieveCurrentParams",
}
_ID: Final = re.compile(
    r"/(?:pi|seti|cs|pm|cus|ch|py|re|du|po|txn|mandate|evt|we)_[A-Za-z0-9_]+(?=/|$)"
)


def problems_of_request(method: str, path: str, asked: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a request: ``asked`` is the tree of its form or query."""
    call = f"{method} {_ID.sub('/{}', path)}"
    if call not in CALLS:
        return [f"{call}: no such call is known here"]
    module, _, name = CALLS[call].partition(":")
    __import__(f"stripe.params.{module}")
    declared = getattr(sys.modules[f"stripe.params.{module}"], name)
    return [f"{call}: {problem}" for problem in _parameters(asked, declared, "")]


def problems_of_answer(answer: object) -> list[str]:
    """Return what is wrong with an object, or with each object of a list."""
    if isinstance(answer, dict) and answer.get("object") in {"list", "search_result"}:
        return [problem for each in answer["data"] for problem in problems_of_answer(each)]
    if not isinstance(answer, dict) or answer.get("object") not in OBJECT_CLASSES:
        return [f"this is no object of Stripe's: {str(answer)[:80]}"]
    return list(_fields(answer, get_object_class("V1", answer["object"]), answer["object"]))


def _fields(told: Mapping[str, Any], shape: type, place: str) -> Iterator[str]:
    declared = _annotations(shape)
    for name in told.keys() - declared.keys():
        yield f"{place}.{name} is unknown"
    for name, kind in declared.items():
        if name not in told:
            if not _may_be_absent(kind):
                yield f"{place}.{name} is missing"
        else:
            yield from _value(told[name], kind, f"{place}.{name}")


@cache
def _annotations(shape: type) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for base in reversed(shape.__mro__):
        if issubclass(base, StripeObject) and base is not StripeObject:
            found |= inspect.get_annotations(base)
    return {
        name: kind
        for name, kind in found.items()
        if not name.startswith("_") and get_origin(kind) is not typing.ClassVar
    }


def _may_be_absent(kind: Any) -> bool:
    return kind is Any or type(None) in get_args(kind)


def _value(value: Any, kind: Any, place: str) -> Iterator[str]:
    kinds = [each for each in _alternatives(kind) if each is not type(None)]
    if value is None:
        if type(None) not in _alternatives(kind):
            yield f"{place} is null"
        return
    if Any in kinds:
        return
    words = [word for each in kinds if get_origin(each) is Literal for word in get_args(each)]
    if words and isinstance(value, str | bool):
        if value not in words:
            yield f"{place} is {value!r}, which is no word of Stripe's"
        return
    found = [list(_one(value, each, place)) for each in kinds]
    if found and all(found):
        yield from min(found, key=len)


def _alternatives(kind: Any) -> list[Any]:
    if get_origin(kind) is Union:
        return [inner for each in get_args(kind) for inner in _alternatives(each)]
    return [kind]


def _one(value: Any, kind: Any, place: str) -> Iterator[str]:
    origin, inside = get_origin(kind), get_args(kind)
    if isinstance(kind, ForwardRef | str) or _is_list_object(kind):
        if not isinstance(value, dict):
            yield f"{place} is no object"
        elif place.count(".") < 12:
            yield from problems_of_answer(value)
    elif origin in {list, dict} or kind is UntypedStripeObject or origin is UntypedStripeObject:
        if origin is list and isinstance(value, list):
            for number, each in enumerate(value):
                yield from _value(each, inside[0], f"{place}[{number}]")
        elif origin is list or not isinstance(value, dict):
            yield f"{place} is no {'list' if origin is list else 'object'}"
    elif isinstance(kind, type) and issubclass(kind, StripeObject):
        if isinstance(value, dict):
            yield from _fields(value, kind, place)
        else:
            yield f"{place} is no object"
    elif not _is_a(value, kind):
        yield f"{place} is {value!r} instead of {getattr(kind, '__name__', kind)}"


def _is_list_object(kind: Any) -> bool:
    return get_origin(kind) is stripe.ListObject or kind is stripe.ListObject


def _is_a(value: Any, kind: Any) -> bool:
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if kind is Decimal:  # a number that must keep all its digits comes as text
        return isinstance(value, str) and bool(re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value))
    return isinstance(kind, type) and isinstance(value, kind)


def _parameters(asked: Mapping[str, Any], declared: Any, place: str) -> Iterator[str]:
    known = {
        name: _resolved(kind, declared)
        for base in reversed(declared.__mro__ if hasattr(declared, "__mro__") else [declared])
        for name, kind in getattr(base, "__annotations__", {}).items()
    }
    options = set(stripe.RequestOptions.__annotations__) if not place else set()
    for name, value in asked.items():
        if name not in known or name in options:
            yield f"{place}{name} is unknown"
        else:
            yield from _parameter(value, known[name], declared, f"{place}{name}")
    for name in getattr(declared, "__required_keys__", frozenset()) - asked.keys():
        if get_origin(known[name]) is not typing_extensions.NotRequired:
            yield f"{place}{name} is missing"


def _resolved(kind: Any, declared: Any) -> Any:
    """Return a type whose names are those of the module that declares it."""
    while isinstance(kind, str | ForwardRef):
        text = kind if isinstance(kind, str) else kind.__forward_arg__
        scope = {
            **vars(typing),
            **vars(typing_extensions),
            **vars(sys.modules[declared.__module__]),
        }
        kind = eval(re.sub(r"\|", ",", f"Union[{text}]") if "|" in text else text, scope)
    return kind


def _parameter(value: Any, kind: Any, declared: Any, place: str) -> Iterator[str]:
    kind = _resolved(kind, declared)
    if get_origin(kind) in _WRAPPERS:
        kind = _resolved(get_args(kind)[0], declared)
    kinds = [_resolved(each, declared) for each in _alternatives(kind)]
    kinds = [inner for each in kinds for inner in _alternatives(each)]
    words = [word for each in kinds if get_origin(each) is Literal for word in get_args(each)]
    if words and isinstance(value, str):
        if value not in words and not (value in {"true", "false"} and bool in kinds):
            yield f"{place} is {value!r}, which is no word of Stripe's"
        return
    found = [list(_sent(value, each, declared, place)) for each in kinds]
    if all(found):
        yield from min(found, key=len)


def _sent(value: Any, kind: Any, declared: Any, place: str) -> Iterator[str]:
    """Compare one value of a form, where all that is not a branch is text."""
    origin = get_origin(kind)
    if origin is list and isinstance(value, dict):
        for number, each in value.items():
            yield from _parameter(each, get_args(kind)[0], declared, f"{place}[{number}]")
    elif (origin is dict or kind is UntypedStripeObject or origin is UntypedStripeObject) or (
        isinstance(kind, type) and issubclass(kind, UntypedStripeObject)
    ):
        if not isinstance(value, dict):
            yield f"{place} is no object"
    elif hasattr(kind, "__required_keys__"):
        if isinstance(value, dict):
            yield from _parameters(value, kind, f"{place}.")
        else:
            yield f"{place} is no object"
    elif not isinstance(value, str):
        yield f"{place} is no value"
    elif kind is int and not re.fullmatch("-?[0-9]+", value):
        yield f"{place} is {value!r} and no whole number"
    elif kind is bool and value not in {"true", "false"}:
        yield f"{place} is {value!r} and no truth"
    elif kind not in {int, bool, str, float}:
        yield f"{place} is {value!r}, which fits no type"
