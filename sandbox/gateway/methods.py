"""What is kept for a payer: saved methods, each with the mandate that a bank account needs."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

from sandbox.gateway.clock import iso, now
from sandbox.gateway.errors import ApiError, missing
from sandbox.gateway.events import record
from sandbox.gateway.numbers import NUMBERS, TestNumber, brand_of
from sandbox.gateway.store import Row, Store, new_id

BANK_NAME: Final = "Sandbox Bank"
LATEST: Final = "2040-12"  # the expiry of a card that was typed nowhere
_SCHEMES: Final = {"business": "ach_ccd", "personal": "ach_web"}


def number_key(number: TestNumber) -> str:
    """Return the mark of a test number: its end, for no whole number is stored."""
    return f"{number.method} {number.number[-4:]}"


def number_of(key: str) -> TestNumber:
    """Return the test number of a mark."""
    return next(number for number in NUMBERS if number_key(number) == key)


def payer_of(store: Store, account_id: str, asked: dict[str, Any]) -> str:
    """Return the id of the payer with this reference; the first call makes him."""
    sql = "SELECT id FROM payer WHERE account_id = ? AND reference = ?"
    row = store.one(sql, account_id, asked["reference"])
    if row is not None:
        return str(row["id"])
    id_ = new_id("payer")
    store.insert(
        "payer", id=id_, account_id=account_id, reference=asked["reference"], name=asked["name"]
    )
    return id_


def save(
    store: Store,
    account_id: str,
    payer_id: str,
    number: TestNumber,
    *,
    expires: str,
    consent: dict[str, Any],
) -> str:
    """Keep a method, with a mandate if it is a bank account, and return its id."""
    is_card = number.method == "card"
    seen = f"{account_id} {number.method} {number.number}"
    id_ = new_id("pm")
    store.insert(
        "saved_method",
        id=id_,
        account_id=account_id,
        payer_id=payer_id,
        method=number.method,
        state="active",
        brand=brand_of(number.number) if is_card else "bank",
        last4=number.number[-4:],
        bank_name="" if is_card else BANK_NAME,
        expires=(expires or LATEST) if is_card else "",
        holder=consent.get("holder") or "",
        fingerprint=hashlib.sha256(seen.encode()).hexdigest()[:24],
        initial_reference=new_id("net"),
        number_key=number_key(number),
        created_at=now(),
    )
    if not is_card:
        _make_mandate(store, account_id, id_, consent)
    _tell(store, get(store, id_), "saved_method.created")
    return id_


def _make_mandate(store: Store, account_id: str, id_: str, consent: dict[str, Any]) -> None:
    mandate_id = new_id("mnd")
    store.insert(
        "mandate",
        id=mandate_id,
        account_id=account_id,
        method_id=id_,
        reference=f"MND-{mandate_id[4:12].upper()}",
        scheme=_SCHEMES.get(consent.get("holder") or "", "ach_ccd"),
        text_version=consent["text_version"],
        state="active",
        created_at=now(),
    )


def get(store: Store, id_: str, account_id: str | None = None) -> Row:
    """Return a saved method, of this account if one is given. Raises ``ApiError``."""
    row = store.one("SELECT * FROM saved_method WHERE id = ?", id_)
    if row is None or account_id not in {None, row["account_id"]}:
        raise missing("saved method", id_)
    return row


def mandate_of(store: Store, method_id: str) -> Row | None:
    """Return the mandate of a bank account; ``None`` for a card."""
    return store.one("SELECT * FROM mandate WHERE method_id = ?", method_id)


def get_mandate(store: Store, id_: str, account_id: str | None = None) -> Row:
    """Return a mandate, of this account if one is given. Raises ``ApiError``."""
    row = store.one("SELECT * FROM mandate WHERE id = ?", id_)
    if row is None or account_id not in {None, row["account_id"]}:
        raise missing("mandate", id_)
    return row


def is_usable(store: Store, method: Row) -> bool:
    """Say whether it may be charged."""
    mandate = mandate_of(store, method["id"])
    return method["state"] == "active" and (mandate is None or mandate["state"] != "ended")


def end(store: Store, id_: str, state: str) -> Row:
    """Remove a method, or close it as its bank does; its mandate ends with it."""
    with store.transaction():
        method = get(store, id_)
        if method["state"] != "active":
            return method
        store.run("UPDATE saved_method SET state = ? WHERE id = ?", state, id_)
        mandate = mandate_of(store, id_)
        if mandate is not None:
            end_mandate(store, mandate["id"], "revoked")
        _tell(store, method, f"saved_method.{state}")
    return get(store, id_)


def end_mandate(store: Store, id_: str, code: str) -> Row:
    """End a permission to debit, once."""
    with store.transaction():
        mandate = get_mandate(store, id_)
        if mandate["state"] == "ended":
            return mandate
        store.run("UPDATE mandate SET state = 'ended', code = ? WHERE id = ?", code, id_)
        _tell(store, get(store, mandate["method_id"]), "mandate.updated", mandate=id_)
    return get_mandate(store, id_)


def renew(store: Store, id_: str, *, expires: str, last4: str = "") -> Row:
    """Change a card's expiry, and its number's end when the network replaced it."""
    with store.transaction():
        method = get(store, id_)
        if method["method"] != "card" or method["state"] != "active":
            raise ApiError(409, "not_renewable", "Only a card that is kept can be renewed.")
        if expires < str(iso(now()))[:7]:
            raise ApiError(409, "expired", "This month is past.", "expires")
        store.run(
            "UPDATE saved_method SET expires = ?, last4 = ? WHERE id = ?",
            expires,
            last4 or method["last4"],
            id_,
        )
        _tell(store, method, "saved_method.updated")
    return get(store, id_)


def _tell(store: Store, method: Row, kind: str, **more: str) -> None:
    record(store, method["account_id"], kind, saved_method=method["id"], **more)


def shown(store: Store, method: Row) -> dict[str, Any]:
    """Return a saved method as the API shows it."""
    mandate = mandate_of(store, method["id"])
    names = ("id", "method", "state", "brand", "last4", "fingerprint", "initial_reference")
    return {
        **{name: method[name] for name in names},
        "payer": method["payer_id"],
        "bank_name": method["bank_name"] or None,
        "expires": method["expires"] or None,
        "funding": "credit" if method["method"] == "card" else None,
        "holder": method["holder"] or None,
        "usable": is_usable(store, method),
        "mandate": mandate_shown(mandate) if mandate is not None else None,
        "created_at": iso(method["created_at"]),
    }


def mandate_shown(mandate: Row) -> dict[str, Any]:
    """Return a mandate as the API shows it."""
    names = ("id", "reference", "scheme", "text_version", "state")
    return {
        **{name: mandate[name] for name in names},
        "saved_method": mandate["method_id"],
        "code": mandate["code"] or None,
        "created_at": iso(mandate["created_at"]),
    }


def read_consent(row: Row) -> dict[str, Any]:
    """Return the consent that a saving or a wish was made with."""
    return dict(json.loads(row["consent"]))
