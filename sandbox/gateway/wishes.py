"""A payment with which its method is to be saved."""

from __future__ import annotations

import json
from typing import Any

from sandbox.gateway import methods
from sandbox.gateway.numbers import TestNumber
from sandbox.gateway.store import Row, Store


def make(
    store: Store, account_id: str, payment_id: str, payer: dict[str, Any], consent: dict[str, Any]
) -> None:
    """Write down that the method is to be saved when the payment succeeds."""
    store.insert(
        "wish",
        payment_id=payment_id,
        payer_id=methods.payer_of(store, account_id, payer),
        consent=json.dumps(consent),
    )


def note(store: Store, payment_id: str, number: TestNumber, expires: str) -> None:
    """Remember with which number it was tried last."""
    store.run(
        "UPDATE wish SET number_key = ?, expires = ? WHERE payment_id = ?",
        methods.number_key(number),
        expires,
        payment_id,
    )


def grant(store: Store, payment: Row) -> None:
    """Keep the method of a payment that succeeded, if it was to be kept."""
    wish = store.one("SELECT * FROM wish WHERE payment_id = ?", payment["id"])
    if wish is None or not wish["number_key"] or wish["method_id"]:
        return
    method_id = methods.save(
        store,
        payment["account_id"],
        wish["payer_id"],
        methods.number_of(wish["number_key"]),
        expires=wish["expires"],
        consent=methods.read_consent(wish),
    )
    store.run("UPDATE wish SET method_id = ? WHERE payment_id = ?", method_id, payment["id"])


def method_of(store: Store, payment_id: str) -> str | None:
    """Return the id of the method that was saved with a payment."""
    row = store.one("SELECT method_id FROM wish WHERE payment_id = ?", payment_id)
    return row["method_id"] if row is not None else None
