"""The API: its acts, and their addresses."""

from __future__ import annotations

import contextlib
from typing import Any, Final

from starlette.routing import Route

from sandbox.paypal import captures, disputes, orders, reports, tokens, vault, webhooks
from sandbox.paypal.errors import ApiError
from sandbox.paypal.pipeline import Act, Asked, Done, endpoint
from sandbox.paypal.state import Sandbox

_ORDER_KEY: Final = 6 * 3600  # seconds that keys are kept: orders v2, payments v2, vault v3
_PAYMENT_KEY: Final = 45 * 86400
_VAULT_KEY: Final = 3 * 3600
Body = dict[str, Any]


def _create_order(sandbox: Sandbox, asked: Asked) -> Done:
    order = orders.create(sandbox, asked.account_id, asked.body)
    return Done(status=201, body=orders.shown(sandbox, order, minimal=asked.minimal), made=order.id)


def _order_again(sandbox: Sandbox, asked: Asked, made: str) -> Body:
    return orders.shown(sandbox, orders.get(sandbox.store, made), minimal=asked.minimal)


def _read_order(sandbox: Sandbox, asked: Asked) -> Done:
    order = orders.get(sandbox.store, asked.path["id"], asked.account_id)
    return Done(status=200, body=orders.shown(sandbox, order))


def _patch_order(sandbox: Sandbox, asked: Asked) -> Done:
    order = orders.get(sandbox.store, asked.path["id"], asked.account_id)
    orders.change(sandbox.store, order, asked.body)
    return Done(status=204)


def _capture_order(sandbox: Sandbox, asked: Asked) -> Done:
    order = orders.get(sandbox.store, asked.path["id"], asked.account_id)
    order = orders.capture(sandbox, order, asked.body)
    return Done(status=201, body=orders.shown(sandbox, order, minimal=asked.minimal), made=order.id)


def _read_capture(sandbox: Sandbox, asked: Asked) -> Done:
    capture = sandbox.store.get("capture", asked.path["id"], asked.account_id)
    return Done(status=200, body=captures.shown_alone(capture))


def _refund(sandbox: Sandbox, asked: Asked) -> Done:
    capture = sandbox.store.get("capture", asked.path["id"], asked.account_id)
    made = captures.refund(sandbox, capture, asked.body)
    return Done(status=201, body=_brief(made.shown, asked), made=made.id)


def _refund_again(sandbox: Sandbox, asked: Asked, made: str) -> Body:
    return _brief(sandbox.store.get("refund", made).shown, asked)


def _brief(shown: Body, asked: Asked) -> Body:
    if not asked.minimal:
        return shown
    return {name: shown[name] for name in ("id", "status", "links")}


def _read_refund(sandbox: Sandbox, asked: Asked) -> Done:
    return Done(
        status=200, body=sandbox.store.get("refund", asked.path["id"], asked.account_id).shown
    )


def _set_up(sandbox: Sandbox, asked: Asked) -> Done:
    token = vault.set_up(sandbox, asked.account_id, asked.body)
    return Done(status=201, body=vault.setup_shown(sandbox, token), made=token.id)


def _setup_again(sandbox: Sandbox, _asked: Asked, made: str) -> Body:
    return vault.setup_shown(sandbox, vault.get_setup(sandbox.store, made))


def _read_setup(sandbox: Sandbox, asked: Asked) -> Done:
    token = vault.get_setup(sandbox.store, asked.path["id"], asked.account_id)
    return Done(status=200, body=vault.setup_shown(sandbox, token))


def _make_token(sandbox: Sandbox, asked: Asked) -> Done:
    token = vault.make(sandbox, asked.account_id, asked.body)
    return Done(status=201, body=vault.shown(sandbox, token), made=token.id)


def _token_again(sandbox: Sandbox, _asked: Asked, made: str) -> Body:
    return vault.shown(sandbox, sandbox.store.get("payment_token", made))


def _read_token(sandbox: Sandbox, asked: Asked) -> Done:
    token = sandbox.store.get("payment_token", asked.path["id"], asked.account_id)
    return Done(status=200, body=vault.shown(sandbox, token))


def _list_tokens(sandbox: Sandbox, asked: Asked) -> Done:
    customer = asked.query.get("customer_id", "")
    every = vault.listed(sandbox, asked.account_id, customer)
    return Done(
        status=200,
        body={
            "customer": {"id": customer},
            "payment_tokens": [vault.shown(sandbox, each) for each in every],
            "links": [sandbox.link("self", "/v3/vault/payment-tokens")],
        },
    )


def _forget_token(sandbox: Sandbox, asked: Asked) -> Done:
    with contextlib.suppress(ApiError):  # the description knows no 404: what is gone is gone
        vault.forget(sandbox, asked.path["id"], asked.account_id)
    return Done(status=204)


def _list_disputes(sandbox: Sandbox, asked: Asked) -> Done:
    found = disputes.listed(
        sandbox, asked.account_id, asked.query.get("disputed_transaction_id", "")
    )
    said: Body = {"links": [sandbox.link("self", "/v1/customer/disputes")]}
    return Done(status=200, body={**said, **({"items": found} if found else {})})


def _read_dispute(sandbox: Sandbox, asked: Asked) -> Done:
    dispute = sandbox.store.get("dispute", asked.path["id"], asked.account_id)
    return Done(status=200, body=disputes.shown(sandbox, dispute))


def _accept_claim(sandbox: Sandbox, asked: Asked) -> Done:
    dispute = sandbox.store.get("dispute", asked.path["id"], asked.account_id)
    disputes.end(sandbox.store, dispute, won=False, accepted=True)
    return _linked(sandbox, dispute.id)


def _provide_evidence(sandbox: Sandbox, asked: Asked) -> Done:
    dispute = sandbox.store.get("dispute", asked.path["id"], asked.account_id)
    disputes.review(sandbox.store, dispute)
    return _linked(sandbox, dispute.id)


def _linked(sandbox: Sandbox, dispute_id: str) -> Done:
    return Done(
        status=200, body={"links": [sandbox.link("self", f"/v1/customer/disputes/{dispute_id}")]}
    )


def _transactions(sandbox: Sandbox, asked: Asked) -> Done:
    return Done(status=200, body=reports.transactions(sandbox, asked.account_id, asked.query))


def _balances(sandbox: Sandbox, asked: Asked) -> Done:
    return Done(status=200, body=reports.balances(sandbox, asked.account_id))


_ORDERS, _PAYMENTS, _VAULT = "/v2/checkout/orders", "/v2/payments", "/v3/vault"
_DISPUTES, _HOOKS = "/v1/customer/disputes", "/v1/notifications/webhooks"
_TABLE: Final[list[tuple[str, str, Act]]] = [
    ("POST", _ORDERS, Act(
        name="create_order", perform=_create_order, key_seconds=_ORDER_KEY, again=_order_again)),
    ("GET", f"{_ORDERS}/{{id}}", Act(name="read_order", perform=_read_order)),
    ("PATCH", f"{_ORDERS}/{{id}}", Act(name="patch_order", perform=_patch_order)),
    ("POST", f"{_ORDERS}/{{id}}/capture", Act(
        name="capture_order", perform=_capture_order, key_seconds=_ORDER_KEY, again=_order_again)),
    ("GET", f"{_PAYMENTS}/captures/{{id}}", Act(name="read_capture", perform=_read_capture)),
    ("POST", f"{_PAYMENTS}/captures/{{id}}/refund", Act(
        name="refund", perform=_refund, key_seconds=_PAYMENT_KEY, again=_refund_again)),
    ("GET", f"{_PAYMENTS}/refunds/{{id}}", Act(name="read_refund", perform=_read_refund)),
    ("POST", f"{_VAULT}/setup-tokens", Act(
        name="set_up", perform=_set_up, key_seconds=_VAULT_KEY, again=_setup_again)),
    ("GET", f"{_VAULT}/setup-tokens/{{id}}", Act(name="read_setup", perform=_read_setup)),
    ("POST", f"{_VAULT}/payment-tokens", Act(
        name="make_token", perform=_make_token, key_seconds=_VAULT_KEY, again=_token_again)),
    ("GET", f"{_VAULT}/payment-tokens", Act(name="list_tokens", perform=_list_tokens)),
    ("GET", f"{_VAULT}/payment-tokens/{{id}}", Act(name="read_token", perform=_read_token)),
    ("DELETE", f"{_VAULT}/payment-tokens/{{id}}", Act(name="forget_token", perform=_forget_token)),
    ("GET", _DISPUTES, Act(name="list_disputes", perform=_list_disputes)),
    ("GET", f"{_DISPUTES}/{{id}}", Act(name="read_dispute", perform=_read_dispute)),
    ("POST", f"{_DISPUTES}/{{id}}/accept-claim", Act(name="accept", perform=_accept_claim)),
    ("POST", f"{_DISPUTES}/{{id}}/provide-evidence", Act(
        name="evidence", perform=_provide_evidence)),
    ("GET", "/v1/reporting/transactions", Act(name="transactions", perform=_transactions)),
    ("GET", "/v1/reporting/balances", Act(name="balances", perform=_balances)),
    ("POST", _HOOKS, Act(name="create_webhook", perform=webhooks.create)),
    ("GET", _HOOKS, Act(name="list_webhooks", perform=webhooks.list_)),
    ("DELETE", f"{_HOOKS}/{{id}}", Act(name="delete_webhook", perform=webhooks.delete)),
    ("POST", "/v1/notifications/verify-webhook-signature", Act(
        name="verify_webhook", perform=webhooks.verify)),
]  # fmt: skip
ACTS: Final = {act.name: act for _, _, act in _TABLE}


def routes() -> list[Route]:
    """Return the API's addresses."""
    return [
        Route("/v1/oauth2/token", tokens.give, methods=["POST"]),
        *(Route(path, endpoint(act), methods=[method]) for method, path, act in _TABLE),
    ]
