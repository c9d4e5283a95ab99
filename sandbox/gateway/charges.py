"""Charges of saved methods: prepared, and taken when the merchant says so."""

from __future__ import annotations

from typing import Any

from sandbox.gateway import methods, payments
from sandbox.gateway.clock import now
from sandbox.gateway.errors import ApiError
from sandbox.gateway.numbers import Deed
from sandbox.gateway.payments import Pace
from sandbox.gateway.store import Row, Store
from sandbox.serving.faults import Fault, Kind


def prepare(store: Store, account_id: str, asked: dict[str, Any]) -> Row:
    """Make the payment of a charge; no money moves before ``take``."""
    method = methods.get(store, asked.pop("saved_method"), account_id)
    return_url = asked.pop("return_url")
    charge = {name: asked.pop(name) for name in ("started_by", "agreement", "initial_reference")}
    with store.transaction():
        told = {**asked, "return_url": return_url, "cancel_url": return_url}
        payment = payments.create(store, account_id, {**told, "method": method["method"]})
        store.insert("charge", payment_id=payment["id"], method_id=method["id"], **charge)
    return payment


def charge_of(store: Store, payment_id: str) -> Row | None:
    """Return what a payment is taken from; ``None`` for one that a payer makes on a page."""
    return store.one("SELECT * FROM charge WHERE payment_id = ?", payment_id)


def waits(store: Store, payment: Row) -> bool:
    """Say whether a charge waits for the merchant's word."""
    charge = charge_of(store, payment["id"])
    return charge is not None and charge["taken_at"] is None and payment["state"] == "open"


def fault_of(store: Store, payment_id: str) -> Fault | None:
    """Return how the answer to the first ``take`` is lost, by the number that was saved."""
    charge = charge_of(store, payment_id)
    if charge is None or charge["taken_at"] is not None:
        return None
    number = methods.number_of(methods.get(store, charge["method_id"])["number_key"])
    if not number.lost:
        return None
    sql = "INSERT OR IGNORE INTO fault_by_amount (account_id, key) VALUES ('charge', ?)"
    if not store.run(sql, payment_id):
        return None
    return Fault(kind=Kind.DROP_BEFORE if number.lost == "before" else Kind.DROP_AFTER)


def take(store: Store, payment_id: str, pace: Pace) -> Row:
    """Take the money, once; a charge that is beyond that is only shown. Raises ``ApiError``."""
    with store.transaction():
        payment, charge = payments.get(store, payment_id), charge_of(store, payment_id)
        if charge is None:
            raise ApiError(409, "no_charge", "This payment is made by the payer, on a page.")
        if not waits(store, payment):
            return payment
        method = methods.get(store, charge["method_id"])
        sql = "UPDATE charge SET taken_at = ? WHERE payment_id = ?"
        store.run(sql, now(), payment_id)
        store.run(
            "UPDATE payment SET attempts = 1, brand = ?, last4 = ? WHERE id = ?",
            method["brand"],
            method["last4"],
            payment_id,
        )
        if methods.is_usable(store, method):
            _act(store, payment_id, charge, method, pace)
        else:
            payments.fail(store, payment_id, "method_gone")
    return payments.get(store, payment_id)


def _act(store: Store, payment_id: str, charge: Row, method: Row, pace: Pace) -> None:
    number = methods.number_of(method["number_key"])
    match number.later or number.deed:
        case Deed.NEEDS_PAYER if charge["started_by"] == "payer":
            store.run("UPDATE payment SET step = 'authenticate' WHERE id = ?", payment_id)
        case Deed.NEEDS_PAYER:
            payments.fail(store, payment_id, "authentication_required")
        case Deed.DECLINE:
            payments.fail(store, payment_id, number.code)
        case Deed.DISPUTE:
            payments.succeed(store, payment_id)
            store.start_timer("dispute", payment_id, pace.returned, code=number.code)
        case slow if slow in payments.SLOW:
            payments.process(store, payment_id, number, pace)
        case _:
            payments.succeed(store, payment_id)
