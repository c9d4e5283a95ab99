"""Orders: made, approved by the payer, captured once, changed, expired."""

from __future__ import annotations

from typing import Any, Final

from sandbox.paypal import amounts, captures, events, vault
from sandbox.paypal.errors import ApiError, invalid, no_such_resource, unprocessable
from sandbox.paypal.moments import iso
from sandbox.paypal.state import Sandbox
from sandbox.paypal.store import Store, Thing, new_id
from sandbox.serving.clock import now

OPEN_SECONDS: Final = 3 * 3600  # Source: orders v2, "links": 3 hours to redirect, 3 to approve
_UNIT_FIELDS: Final = ("reference_id", "description", "custom_id", "invoice_id", "soft_descriptor")
_UNPAID: Final = {"CREATED", "PAYER_ACTION_REQUIRED", "APPROVED"}
Body = dict[str, Any]


def create(sandbox: Sandbox, account_id: str, body: Body) -> Thing:
    """Make an order; no money moves before it is captured. Raises ``ApiError``.

    One that names a saved method is captured at once, as PayPal does it.
    """
    if body.get("intent") not in {"CAPTURE", "AUTHORIZE"}:
        raise invalid("INVALID_PARAMETER_VALUE", "/intent")
    units = body.get("purchase_units")
    if not isinstance(units, list) or not units:
        raise invalid("MISSING_REQUIRED_PARAMETER", "/purchase_units")
    if len(units) > 1:
        raise unprocessable("UNSUPPORTED_PAYMENT_INSTRUCTION")
    wallet = (body.get("payment_source") or {}).get("paypal") or {}
    context = wallet.get("experience_context") or body.get("application_context") or {}
    order = sandbox.store.add(
        "order",
        new_id(),
        account_id,
        {
            "intent": body["intent"],
            "status": "PAYER_ACTION_REQUIRED" if wallet else "CREATED",
            "purchase_units": [_unit(units[0])],
            "create_time": iso(now()),
        },
        hidden={
            "return_url": context.get("return_url", ""),
            "cancel_url": context.get("cancel_url", ""),
            "attributes": wallet.get("attributes") or {},
            "wallet": bool(wallet),
        },
    )
    if wallet:
        order.shown["payment_source"] = {"paypal": {}}
    sandbox.store.save(order)
    sandbox.store.start_timer("expire_order", order.id, OPEN_SECONDS)
    if wallet.get("vault_id"):
        _pay_with_saved(sandbox, order, wallet)
        return _take(sandbox, order)
    return order


def _unit(asked: Body) -> Body:
    minor, currency = amounts.read(asked.get("amount"), "/purchase_units/@0/amount")
    named = {name: asked[name] for name in _UNIT_FIELDS if asked.get(name)}
    return {"reference_id": "default", **named, "amount": amounts.shown(minor, currency)}


def get(store: Store, id_: str, account_id: str | None = None) -> Thing:
    """Return an order. Raises ``ApiError`` 404, also for one that PayPal has forgotten."""
    order = store.get("order", id_, account_id)
    if order.hidden.get("expired"):
        raise no_such_resource()
    return order


def approve(store: Store, id_: str, *, funding: str = "balance") -> Thing:
    """The payer agreed on PayPal's page, and chose what to pay with."""
    order = get(store, id_)
    if order.shown["status"] not in _UNPAID:
        raise unprocessable("ORDER_ALREADY_COMPLETED")
    order.shown["status"] = "APPROVED"
    order.shown["payment_source"] = {"paypal": vault.payer()}
    order.hidden["funding"] = funding
    store.save(order)
    events.record(
        store, order.account_id, "CHECKOUT.ORDER.APPROVED", {"id": id_, **order.shown},
        resource_type="checkout-order",
    )  # fmt: skip
    return order


def capture(sandbox: Sandbox, order: Thing, body: Body) -> Thing:
    """Take the money of an approved order, once. Raises ``ApiError``."""
    if order.shown["status"] == "COMPLETED":
        raise unprocessable("ORDER_ALREADY_CAPTURED")
    if order.shown["intent"] != "CAPTURE":
        raise unprocessable("ACTION_DOES_NOT_MATCH_INTENT")
    wallet = (body.get("payment_source") or {}).get("paypal") or {}
    if wallet.get("vault_id"):
        _pay_with_saved(sandbox, order, wallet)
    elif order.shown["status"] != "APPROVED":
        raise unprocessable("ORDER_NOT_APPROVED")
    return _take(sandbox, order)


def _payer_is_asked(sandbox: Sandbox, order: Thing) -> ApiError:
    """Return the error after which the payer finds the order on PayPal's page again."""

    def lead_back() -> None:
        order.shown["status"] = "PAYER_ACTION_REQUIRED"
        order.hidden["wallet"] = True
        sandbox.store.save(order)

    error = unprocessable("PAYER_ACTION_REQUIRED")
    error.after = lead_back
    return error


def _pay_with_saved(sandbox: Sandbox, order: Thing, wallet: Body) -> None:
    try:
        token = sandbox.store.get("payment_token", wallet["vault_id"], order.account_id)
    except ApiError as error:
        raise unprocessable("TOKEN_ID_NOT_FOUND") from error
    context = wallet.get("experience_context") or {}
    order.hidden |= {
        name: context[name] for name in ("return_url", "cancel_url") if name in context
    }
    order.hidden["funding"] = token.hidden.get("funding", "balance")
    order.shown["payment_source"] = {"paypal": vault.payer()}


def _take(sandbox: Sandbox, order: Thing) -> Thing:
    store, funding = sandbox.store, order.hidden.get("funding", "balance")
    unit = order.shown["purchase_units"][0]
    if funding == "declined":
        raise unprocessable("INSTRUMENT_DECLINED")
    if funding == "action":
        raise _payer_is_asked(sandbox, order)
    if funding == "closed":
        raise unprocessable("PAYER_ACCOUNT_LOCKED_OR_CLOSED")
    invoice = unit.get("invoice_id")
    if invoice and any(
        each.shown.get("invoice_id") == invoice
        for each in store.of_account(order.account_id, "capture")
    ):
        raise unprocessable("DUPLICATE_INVOICE_ID")
    slow = funding in {"echeck", "echeck_denied"}
    captures.make(
        sandbox, order, pending="ECHECK" if slow else "", denied_later=funding == "echeck_denied"
    )
    order.shown |= {"status": "COMPLETED", "update_time": iso(now())}
    instruction = order.hidden["attributes"].get("vault") or {}
    if instruction.get("store_in_vault") == "ON_SUCCESS" and not slow:
        customer = (order.hidden["attributes"].get("customer") or {}).get("id", "")
        token = vault.keep(sandbox, order.account_id, customer, funding=funding)
        order.hidden["token"] = token.id
    store.stop_timers(order.id, "expire_order")
    return store.save(order)


def change(store: Store, order: Thing, patches: object) -> None:
    """Change an order that is not completed; all of it or nothing. Raises ``ApiError``."""
    if order.shown["status"] not in _UNPAID:
        raise unprocessable("ORDER_ALREADY_COMPLETED")
    if not isinstance(patches, list) or not patches:
        raise invalid("INVALID_PARAMETER_SYNTAX", "/")
    unit = order.shown["purchase_units"][0]
    prefix = f"/purchase_units/@reference_id=='{unit['reference_id']}'/"
    for patch in patches:
        path, value = patch.get("path", ""), patch.get("value")
        field = path.removeprefix(prefix)
        if patch.get("op") not in {"replace", "add"}:
            raise invalid("INVALID_PATCH_OPERATION", "/op")
        if path == "/intent" and value in {"CAPTURE", "AUTHORIZE"}:
            order.shown["intent"] = value
        elif path == prefix + field and field in {"description", "custom_id", "invoice_id"}:
            unit[field] = value
        elif path == prefix + "amount":
            unit["amount"] = amounts.shown(*amounts.read(value, path))
        elif path.startswith("/purchase_units/@reference_id==") and path != prefix + field:
            raise unprocessable("REFERENCE_ID_NOT_FOUND")
        else:
            raise unprocessable("NOT_PATCHABLE")
    store.save(order)


def expire(store: Store, id_: str) -> None:
    """Forget an order that nobody completed in time."""
    order = store.get("order", id_)
    if order.shown["status"] in _UNPAID:
        order.hidden["expired"] = True
        store.save(order)


def shown(sandbox: Sandbox, order: Thing, *, minimal: bool = False) -> Body:
    """Return an order as the API shows it."""
    links = [sandbox.link("self", f"/v2/checkout/orders/{order.id}")]
    status = order.shown["status"]
    if status in {"CREATED", "PAYER_ACTION_REQUIRED"}:
        rel = "payer-action" if order.hidden["wallet"] else "approve"
        links.append(sandbox.link(rel, f"/checkoutnow?token={order.id}"))
    if status != "COMPLETED" and order.shown["intent"] == "CAPTURE":
        links.append(sandbox.link("capture", f"/v2/checkout/orders/{order.id}/capture", "POST"))
    if minimal:
        return {"id": order.id, "status": status, "links": links}
    unit, taken = dict(order.shown["purchase_units"][0]), sandbox.store.owned(order.id, "capture")
    if taken:
        unit["payments"] = {"captures": [each.shown for each in taken]}
        back = [made.shown for each in taken for made in sandbox.store.owned(each.id, "refund")]
        if back:
            unit["payments"]["refunds"] = back
    said = {"id": order.id, **order.shown, "purchase_units": [unit], "links": links}
    if order.hidden.get("token"):
        said["payment_source"] = {
            "paypal": {
                **order.shown["payment_source"]["paypal"],
                "attributes": {"vault": vault.in_order(sandbox, order.hidden["token"])},
            }
        }
    return said
