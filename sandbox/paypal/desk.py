"""What the control port makes happen: the deeds of payers, banks and PayPal's own clerks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.requests import Request

from sandbox.paypal import amounts, books, captures, disputes, orders, vault
from sandbox.paypal.errors import ApiError
from sandbox.paypal.moments import iso
from sandbox.paypal.state import Sandbox
from sandbox.paypal.store import ACCOUNTS, Thing, new_id
from sandbox.serving.clock import now

Body = dict[str, Any]
Handler = Callable[[Sandbox, Request, Body], Awaitable[object]]


async def _approve(sandbox: Sandbox, request: Request, body: Body) -> object:
    """Agree as a payer does, without the page; ``funding`` is what is chosen there."""
    with sandbox.store.transaction():
        order = orders.approve(
            sandbox.store, request.path_params["id"], funding=body.get("funding", "balance")
        )
    return orders.shown(sandbox, order)


async def _captures(sandbox: Sandbox, request: Request, _body: Body) -> object:
    """Show the captured payments of an order, as PayPal's own pages do."""
    every = sandbox.store.owned(request.path_params["id"], "capture")
    return {"captures": [each.shown for each in every]}


async def _expire(sandbox: Sandbox, request: Request, _body: Body) -> object:
    with sandbox.store.transaction():
        orders.expire(sandbox.store, request.path_params["id"])
    return {}


async def _approve_setup(sandbox: Sandbox, request: Request, body: Body) -> object:
    with sandbox.store.transaction():
        token = vault.approve(
            sandbox.store, request.path_params["id"], funding=body.get("funding", "balance")
        )
    return vault.setup_shown(sandbox, token)


async def _change_token(sandbox: Sandbox, request: Request, body: Body) -> object:
    """Set what a saved account pays with from now on."""
    token = sandbox.store.get("payment_token", request.path_params["id"])
    token.hidden["funding"] = body["funding"]
    sandbox.store.save(token)
    return vault.shown(sandbox, token)


async def _forget_token(sandbox: Sandbox, request: Request, _body: Body) -> object:
    """Remove a payment token as the payer does in PayPal's own pages."""
    with sandbox.store.transaction():
        vault.forget(sandbox, request.path_params["id"])
    return {}


def _of_capture(move: Callable[[Sandbox, str], Thing]) -> Handler:
    async def handler(sandbox: Sandbox, request: Request, _body: Body) -> object:
        with sandbox.store.transaction():
            return move(sandbox, request.path_params["id"]).shown

    return handler


async def _refund(sandbox: Sandbox, request: Request, body: Body) -> object:
    """Refund as a clerk does in PayPal's own pages: without an id of the merchant."""
    capture = sandbox.store.get("capture", request.path_params["id"])
    money = amounts.shown(body["minor"], capture.hidden["currency"])
    with sandbox.store.transaction():
        return captures.refund(sandbox, capture, {"amount": money}, waits=False).shown


async def _behave(sandbox: Sandbox, _request: Request, body: Body) -> object:
    """Set how refunds behave from now on: ``pending``."""
    sandbox.store.set_setting("refunds", body)
    return body


async def _end_refund(sandbox: Sandbox, request: Request, body: Body) -> object:
    with sandbox.store.transaction():
        return captures.end_refund(
            sandbox.store, request.path_params["id"], failed=bool(body.get("failed"))
        ).shown


async def _dispute(sandbox: Sandbox, request: Request, body: Body) -> object:
    with sandbox.store.transaction():
        dispute = disputes.begin(
            sandbox.store,
            request.path_params["id"],
            minor=body.get("minor"),
            reason=body.get("reason", "UNAUTHORISED"),
            external=bool(body.get("external", True)),
            fee_minor=int(body.get("fee_minor", books.DISPUTE_FEE_MINOR)),
        )
    return disputes.shown(sandbox, dispute)


async def _end_dispute(sandbox: Sandbox, request: Request, body: Body) -> object:
    dispute = sandbox.store.get("dispute", request.path_params["id"])
    with sandbox.store.transaction():
        disputes.end(sandbox.store, dispute, won=bool(body.get("won")))
    return disputes.shown(sandbox, dispute)


async def _withdraw(sandbox: Sandbox, _request: Request, body: Body) -> object:
    """Send all that is held, or ``minor`` of one ``currency``, to the seller's bank."""
    made = []
    with sandbox.store.transaction():
        for account_id, _, _ in ACCOUNTS:
            for row in books.held(sandbox.store, account_id, at=now()):
                if row["minor"] <= 0 or body.get("currency") not in {None, row["currency"]}:
                    continue
                made.append(
                    books.enter(
                        sandbox.store,
                        account_id,
                        "T0400",
                        gross_minor=-min(row["minor"], int(body.get("minor", row["minor"]))),
                        currency=row["currency"],
                    )
                )
    return {"withdrawals": made}


async def _return_withdrawal(sandbox: Sandbox, request: Request, _body: Body) -> object:
    """The seller's bank sends a withdrawal back."""
    id_ = request.path_params["id"]
    row = sandbox.store.one("SELECT * FROM entry WHERE transaction_id = ?", id_)
    if row is None or row["code"] != "T0400":
        raise ApiError(404, "RESOURCE_NOT_FOUND")
    with sandbox.store.transaction():
        books.enter(
            sandbox.store,
            row["account_id"],
            "T1101",
            gross_minor=-row["gross_minor"],
            currency=row["currency"],
            related=id_,
        )
    return {}


async def _receive(sandbox: Sandbox, _request: Request, body: Body) -> object:
    """Take money that no order asked for: somebody paid the seller's address."""
    minor, currency = amounts.read(body, "")
    id_, account_id = new_id(), ACCOUNTS[0][0]
    with sandbox.store.transaction():
        capture = sandbox.store.add(
            "capture",
            id_,
            account_id,
            {
                "id": id_,
                "status": "COMPLETED",
                "amount": amounts.shown(minor, currency),
                "final_capture": True,
                "create_time": iso(now()),
                "links": [sandbox.link("self", f"/v2/payments/captures/{id_}")],
            },
            hidden={
                "minor": minor, "currency": currency, "fee_minor": books.fee_of(minor),
                "refunded_minor": 0, "gone_minor": 0,
            },
        )  # fmt: skip
        books.enter_capture(sandbox.store, capture, status="S")
    return capture.shown


HANDLERS: Final[list[tuple[str, str, Handler]]] = [
    ("POST", "/orders/{id}/approve", _approve),
    ("POST", "/orders/{id}/expire", _expire),
    ("GET", "/orders/{id}/captures", _captures),
    ("POST", "/setup-tokens/{id}/approve", _approve_setup),
    ("POST", "/payment-tokens/{id}", _change_token),
    ("DELETE", "/payment-tokens/{id}", _forget_token),
    ("POST", "/captures/{id}/settle", _of_capture(lambda s, id_: captures.settle(s.store, id_))),
    ("POST", "/captures/{id}/deny", _of_capture(lambda s, id_: captures.deny(s.store, id_))),
    ("POST", "/captures/{id}/reverse", _of_capture(lambda s, id_: captures.reverse(s.store, id_))),
    ("POST", "/captures/{id}/refund", _refund),
    ("POST", "/captures/{id}/dispute", _dispute),
    ("POST", "/refunds/behaviour", _behave),
    ("POST", "/refunds/{id}", _end_refund),
    ("POST", "/disputes/{id}", _end_dispute),
    ("POST", "/withdrawals", _withdraw),
    ("POST", "/withdrawals/{id}/return", _return_withdrawal),
    ("POST", "/received", _receive),
]
