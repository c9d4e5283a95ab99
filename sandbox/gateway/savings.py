"""An attempt to save a method: made, typed in, authenticated, verified."""

from __future__ import annotations

import json
from typing import Any, Final

from sandbox.gateway import methods
from sandbox.gateway.clock import iso, now
from sandbox.gateway.embedding import token_of
from sandbox.gateway.errors import ApiError, missing
from sandbox.gateway.events import record
from sandbox.gateway.numbers import FAILURES, Deed, TestNumber
from sandbox.gateway.store import Row, Store, new_id

AMOUNTS: Final = {32, 45}  # the two small credits, in minor units
CODE: Final = "SM11AA"  # in the description of the one
_MAX_ATTEMPTS: Final = 5
_DAYS: Final = 2 * 86400  # until the credits are in the payer's statement


def create(store: Store, account_id: str, asked: dict[str, Any]) -> Row:
    """Make an attempt; nothing is kept before the payer acts."""
    id_ = new_id("save")
    payer = methods.payer_of(store, account_id, asked.pop("payer"))
    asked["consent"] = json.dumps(asked["consent"])
    store.insert(
        "saving",
        id=id_,
        account_id=account_id,
        payer_id=payer,
        state="open",
        created_at=now(),
        **asked,
    )
    return get(store, id_)


def get(store: Store, id_: str, account_id: str | None = None) -> Row:
    """Return an attempt, of this account if one is given. Raises ``ApiError``."""
    row = store.one("SELECT * FROM saving WHERE id = ?", id_)
    if row is None or account_id not in {None, row["account_id"]}:
        raise missing("saving", id_)
    return row


def attempt(store: Store, id_: str, number: TestNumber, expires: str) -> Row:
    """Try to save ``number``. Raises ``ApiError`` unless the attempt is open."""
    with store.transaction():
        if get(store, id_)["state"] != "open":
            raise ApiError(409, "not_open", "This is over.")
        store.run(
            "UPDATE saving SET attempts = attempts + 1, step = '', failure_code = '',"
            " number_key = ?, expires = ? WHERE id = ?",
            methods.number_key(number),
            expires,
            id_,
        )
        if number.proof:
            _to(store, id_, "verifying")
        elif number.deed == Deed.DECLINE:
            _decline(store, id_, number.code)
        elif number.deed == Deed.AUTHENTICATE:
            store.run("UPDATE saving SET step = 'authenticate' WHERE id = ?", id_)
        else:
            _keep(store, id_)
    return get(store, id_)


def authenticate(store: Store, id_: str, *, approved: bool) -> Row:
    """The payer answered the bank's question. Raises ``ApiError`` if nothing was asked."""
    with store.transaction():
        saving = get(store, id_)
        if saving["state"] != "open" or saving["step"] != "authenticate":
            raise ApiError(409, "not_asked", "The bank has not asked for anything.")
        if approved:
            _keep(store, id_)
        else:
            _decline(store, id_, "authentication_failed")
    return get(store, id_)


def verify(store: Store, id_: str, proof: str, *, is_right: bool) -> Row:
    """Take the payer's proof. Three wrong ones end it. Raises ``ApiError`` when none is asked."""
    with store.transaction():
        saving = get(store, id_)
        if saving["state"] != "verifying":
            raise ApiError(409, "not_verifying", "Nothing waits for a proof.")
        if methods.number_of(saving["number_key"]).proof != proof:
            raise ApiError(409, "other_proof", "This account is verified in another way.")
        if is_right:
            _keep(store, id_)
        elif saving["tries_left"] > 1:
            store.run("UPDATE saving SET tries_left = tries_left - 1 WHERE id = ?", id_)
        else:
            store.run("UPDATE saving SET tries_left = 0 WHERE id = ?", id_)
            _fail(store, id_, "verification_failed")
    return get(store, id_)


def _keep(store: Store, id_: str) -> None:
    saving = get(store, id_)
    method_id = methods.save(
        store,
        saving["account_id"],
        saving["payer_id"],
        methods.number_of(saving["number_key"]),
        expires=saving["expires"],
        consent=methods.read_consent(saving),
    )
    store.run("UPDATE saving SET method_id = ? WHERE id = ?", method_id, id_)
    _to(store, id_, "saved")


def _decline(store: Store, id_: str, code: str) -> None:
    if get(store, id_)["attempts"] >= _MAX_ATTEMPTS:
        _fail(store, id_, "too_many_attempts")
    else:
        store.run("UPDATE saving SET step = '', failure_code = ? WHERE id = ?", code, id_)


def _fail(store: Store, id_: str, code: str) -> None:
    store.run("UPDATE saving SET failure_code = ? WHERE id = ?", code, id_)
    _to(store, id_, "failed")


def _to(store: Store, id_: str, state: str) -> None:
    store.run("UPDATE saving SET state = ?, step = '' WHERE id = ?", state, id_)
    saving = get(store, id_)
    record(
        store, saving["account_id"], f"saving.{state}", saving=id_, reference=saving["reference"]
    )


def shown(store: Store, saving: Row, public_url: str) -> dict[str, Any]:
    """Return an attempt as the API shows it."""
    token, code = token_of(store, saving["id"]), saving["failure_code"]
    is_open = saving["state"] == "open"
    verification = None
    if saving["state"] == "verifying":
        verification = {
            "proof": methods.number_of(saving["number_key"]).proof,
            "arrives_at": iso(saving["created_at"] + _DAYS),
            "tries_left": saving["tries_left"],
        }
    method = methods.get(store, saving["method_id"]) if saving["method_id"] else None
    return {
        **{name: saving[name] for name in ("id", "reference", "method", "currency", "state")},
        "payer": saving["payer_id"],
        "url": f"{public_url}/save/{saving['id']}" if is_open and not token else None,
        "client_token": token if is_open else None,
        "verification": verification,
        "saved_method": methods.shown(store, method) if method is not None else None,
        "failure": {"code": code, "message": FAILURES.get(code, code)} if code else None,
        "created_at": iso(saving["created_at"]),
    }
