"""Stripe's objects, kept as the API shows them."""

from __future__ import annotations

import json
import secrets
import string
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sandbox.serving import store
from sandbox.serving.clock import now
from sandbox.stripe.errors import missing

Row = store.Row
Shown = dict[str, Any]
ACCOUNTS: Final = (  # id, name, secret key; the publishable key is like it
    ("acct_1NorthwindSandbox", "Northwind Traders (Stripe sandbox)", "sk_test_northwind"),
    ("acct_1FabrikamSandbox", "Fabrikam Supplies (Stripe sandbox)", "sk_test_fabrikam"),
)
_LETTERS: Final = string.ascii_letters + string.digits


@dataclass
class Thing:
    """One object: what the API shows of it, and what only this server knows."""

    id: str
    object: str
    account_id: str
    shown: Shown
    hidden: dict[str, Any]


class Store(store.Store):
    """The memory of all accounts: objects of every kind in one table."""

    schema = Path(__file__).with_name("schema.sql")
    schema_version = 1
    accounts = ACCOUNTS

    def add(self, account_id: str, shown: Shown, **hidden: object) -> Thing:
        """Write a new object."""
        thing = Thing(shown["id"], shown["object"], account_id, shown, dict(hidden))
        self.insert(
            "thing",
            id=thing.id,
            object=thing.object,
            account_id=account_id,
            created=now(),
            shown=json.dumps(shown),
            hidden=json.dumps(hidden),
        )
        return thing

    def save(self, thing: Thing) -> Thing:
        """Write what changed in an object."""
        self.run(
            "UPDATE thing SET shown = ?, hidden = ? WHERE id = ?",
            json.dumps(thing.shown),
            json.dumps(thing.hidden),
            thing.id,
        )
        return thing

    def get(self, id_: str, object_: str, account_id: str | None = None) -> Thing:
        """Return an object, of this account if one is given. Raises ``StripeError`` 404."""
        found = self.find(id_)
        wrong = found is None or found.object != object_
        if found is None or wrong or account_id not in {None, found.account_id}:
            raise missing(object_, id_, object_)
        return found

    def find(self, id_: str) -> Thing | None:
        """Return an object of any kind, or ``None``."""
        row = self.one("SELECT * FROM thing WHERE id = ?", id_)
        return None if row is None else thing_of(row)

    def where(self, object_: str, field: str, value: object) -> list[Thing]:
        """Return the objects of a kind whose shown ``field`` is ``value``, the oldest first."""
        rows = self.all(
            "SELECT * FROM thing WHERE object = ? AND json_extract(shown, ?) = ? ORDER BY seq",
            object_,
            f"$.{field}",
            value,
        )
        return [thing_of(row) for row in rows]


def thing_of(row: Row) -> Thing:
    """Read an object from its row."""
    return Thing(
        row["id"], row["object"], row["account_id"],
        json.loads(row["shown"]), json.loads(row["hidden"]),
    )  # fmt: skip


def publishable(secret_key: str) -> str:
    """Return the publishable key that goes with a secret one."""
    return f"pk_{secret_key.removeprefix('sk_')}"


def new_id(prefix: str, length: int = 24) -> str:
    """Return an id that cannot be guessed: ``pi_`` and 24 letters and digits."""
    return f"{prefix}_{''.join(secrets.choice(_LETTERS) for _ in range(length))}"
