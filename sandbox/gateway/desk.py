"""What the control port makes happen: the deeds of payers, banks and the gateway's own clerks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.requests import Request

from sandbox.gateway import balance, disputes, payments, payouts, refunds
from sandbox.gateway.bodies import Field, amount, currency, flag, number, one_of, read_fields, text
from sandbox.gateway.errors import ApiError, invalid
from sandbox.gateway.numbers import BY_NUMBER
from sandbox.gateway.state import Sandbox
from sandbox.gateway.store import ACCOUNTS

Body = dict[str, Any]
Handler = Callable[[Sandbox, Request, Body], Awaitable[object]]
_MOST_FEE: Final = 1_000_000
_PENDING: Final = Field(flag, required=False, default=False)


async def _pay(sandbox: Sandbox, request: Request, body: Body) -> object:
    """Pay as a payer does, without the page; 3-D Secure is answered as ``authenticate`` says."""
    asked = read_fields(
        body,
        {
            "number": Field(text(20)),
            "authenticate": Field(one_of("approve", "fail"), required=False),
        },
    )
    payment = payments.get(sandbox.store, request.path_params["id"])
    number_ = BY_NUMBER.get((payment["method"], asked["number"].replace(" ", "")))
    if number_ is None:
        raise invalid(f"This is no test number for {payment['method']}.", "number")
    payment = payments.attempt(sandbox.store, payment, number_, sandbox.pace)
    if payment["step"] == "authenticate" and asked["authenticate"]:
        payment = payments.authenticate(
            sandbox.store, payment["id"], approved=asked["authenticate"] == "approve"
        )
    return payments.shown(payment, sandbox.public_url)


def _of_payment(move: Callable[[Sandbox, str, str], object]) -> Handler:
    async def handler(sandbox: Sandbox, request: Request, body: Body) -> object:
        id_ = request.path_params["id"]
        payments.get(sandbox.store, id_)
        move(sandbox, id_, _code(body))
        return payments.shown(payments.get(sandbox.store, id_), sandbox.public_url)

    return handler


def _code(body: Body) -> str:
    return str(read_fields(body, {"code": Field(text(40), required=False, default="")})["code"])


def _settle(sandbox: Sandbox, id_: str, _code: str) -> None:
    if payments.get(sandbox.store, id_)["state"] != "processing":
        raise ApiError(409, "not_processing", "Only a payment at the bank can be settled.")
    payments.succeed(sandbox.store, id_)


def _late_success(sandbox: Sandbox, id_: str, _code: str) -> None:
    if payments.get(sandbox.store, id_)["state"] not in {"cancelled", "failed"}:
        raise ApiError(409, "not_closed", "Late is what comes after cancelled or failed.")
    payments.succeed(sandbox.store, id_)


async def _refund(sandbox: Sandbox, request: Request, body: Body) -> object:
    """Refund as a clerk does in the gateway's own pages: without a reference of the merchant."""
    asked = read_fields(body, {"amount_minor": Field(amount)})
    payment = payments.get(sandbox.store, request.path_params["id"])
    return refunds.shown(refunds.make(sandbox.store, payment, asked["amount_minor"]))


async def _behave(sandbox: Sandbox, _request: Request, body: Body) -> object:
    """Set how refunds behave from now on."""
    sandbox.store.set_setting("refunds", read_fields(body, {"pending": _PENDING}))
    return sandbox.store.setting("refunds")


async def _settle_refund(sandbox: Sandbox, request: Request, _body: Body) -> object:
    return refunds.shown(refunds.settle(sandbox.store, request.path_params["id"]))


async def _fail_refund(sandbox: Sandbox, request: Request, body: Body) -> object:
    code = _code(body) or "account_closed"
    return refunds.shown(refunds.fail(sandbox.store, request.path_params["id"], code))


async def _dispute(sandbox: Sandbox, request: Request, body: Body) -> object:
    asked = read_fields(
        body,
        {
            "reason": Field(text(40), required=False, default="fraudulent"),
            "amount_minor": Field(amount, required=False),
            "fee_minor": Field(_whole, required=False, default=disputes.FEE_MINOR),
        },
    )
    return disputes.shown(disputes.begin(sandbox.store, request.path_params["id"], **asked))


def _whole(name: str, value: object) -> int:
    number(0, _MOST_FEE)(name, value)
    if not isinstance(value, int):
        raise invalid(f"{name} must be a whole number of minor units.", name)
    return value


def _of_dispute(move: Callable[..., Any]) -> Handler:
    async def handler(sandbox: Sandbox, request: Request, _body: Body) -> object:
        return disputes.shown(move(sandbox.store, request.path_params["id"]))

    return handler


async def _pay_out(sandbox: Sandbox, _request: Request, body: Body) -> object:
    in_transit = read_fields(body, {"in_transit": _PENDING})["in_transit"]
    made = [
        id_
        for account_id, _, _ in ACCOUNTS
        for id_ in payouts.pay_out(sandbox.store, account_id, in_transit=in_transit)
    ]
    return {"payouts": made}


async def _settle_payout(sandbox: Sandbox, request: Request, _body: Body) -> object:
    return payouts.shown(payouts.arrive(sandbox.store, request.path_params["id"]))


async def _fail_payout(sandbox: Sandbox, request: Request, body: Body) -> object:
    code = _code(body) or "account_closed"
    return payouts.shown(payouts.fail(sandbox.store, request.path_params["id"], code))


async def _charge_fee(sandbox: Sandbox, _request: Request, body: Body) -> object:
    """Charge a fee that belongs to no other movement."""
    asked = read_fields(
        body,
        {
            "amount_minor": Field(amount),
            "currency": Field(currency),
            "payment": Field(text(100), required=False),
            "account": Field(
                one_of(*(id_ for id_, _, _ in ACCOUNTS)), required=False, default=ACCOUNTS[0][0]
            ),
        },
    )
    if asked["payment"] is not None:
        payments.get(sandbox.store, asked["payment"], asked["account"])
    balance.enter_fee(
        sandbox.store,
        asked["account"],
        fee_minor=asked["amount_minor"],
        currency=asked["currency"],
        payment_id=asked["payment"],
    )
    return {"data": balance.held(sandbox.store, asked["account"])}


HANDLERS: Final[list[tuple[str, str, Handler]]] = [
    ("POST", "/payments/{id}/pay", _pay),
    ("POST", "/payments/{id}/settle", _of_payment(_settle)),
    (
        "POST",
        "/payments/{id}/fail",
        _of_payment(lambda s, id_, code: payments.fail(s.store, id_, code or "insufficient_funds")),
    ),
    (
        "POST",
        "/payments/{id}/return",
        _of_payment(lambda s, id_, code: payments.take_back(s.store, id_, code or "R01")),
    ),
    ("POST", "/payments/{id}/late_success", _of_payment(_late_success)),
    (
        "POST",
        "/payments/{id}/expire",
        _of_payment(lambda s, id_, _: payments.cancel(s.store, id_, "expired")),
    ),
    ("POST", "/payments/{id}/refund", _refund),
    ("POST", "/payments/{id}/dispute", _dispute),
    ("POST", "/refunds/behaviour", _behave),
    ("POST", "/refunds/{id}/settle", _settle_refund),
    ("POST", "/refunds/{id}/fail", _fail_refund),
    ("POST", "/disputes/{id}/review", _of_dispute(disputes.review)),
    ("POST", "/disputes/{id}/win", _of_dispute(disputes.win)),
    ("POST", "/disputes/{id}/lose", _of_dispute(disputes.lose)),
    ("POST", "/payouts", _pay_out),
    ("POST", "/payouts/{id}/settle", _settle_payout),
    ("POST", "/payouts/{id}/fail", _fail_payout),
    ("POST", "/fees", _charge_fee),
]
