"""Payments that wait for the merchant's word after the payer agreed, as some gateways have them."""

from __future__ import annotations

from sandbox.gateway.clock import now
from sandbox.gateway.store import Row, Store


def hold(store: Store, payment_id: str) -> None:
    """Let nothing move before the merchant says so."""
    store.insert("held", payment_id=payment_id)


def note(store: Store, payment_id: str, number_key: str) -> None:
    """Remember with which number the payer tried last."""
    sql = "UPDATE held SET number_key = ? WHERE payment_id = ? AND released_at IS NULL"
    store.run(sql, number_key, payment_id)


def keeps_back(store: Store, payment_id: str) -> bool:
    """Say whether the money must wait now, and write down that the payer agreed."""
    sql = "UPDATE held SET agreed_at = ? WHERE payment_id = ? AND released_at IS NULL"
    if not store.run(sql, now(), payment_id):
        return False
    store.run("UPDATE payment SET step = '', failure_code = '' WHERE id = ?", payment_id)
    return True


def waits(store: Store, payment: Row) -> bool:
    """Say whether the payer agreed and the merchant has not said his word."""
    row = _row(store, payment["id"])
    is_agreed = row is not None and row["agreed_at"] is not None and row["released_at"] is None
    return is_agreed and payment["state"] == "open"


def release(store: Store, payment_id: str) -> str:
    """Say the merchant's word, and return the number's mark with which the payer agreed."""
    row = _row(store, payment_id)
    assert row is not None
    sql = "UPDATE held SET released_at = ? WHERE payment_id = ?"
    store.run(sql, now(), payment_id)
    return str(row["number_key"])


def _row(store: Store, payment_id: str) -> Row | None:
    return store.one("SELECT * FROM held WHERE payment_id = ?", payment_id)
