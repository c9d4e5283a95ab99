"""The sandbox's memory: every object as the API shows it, in one SQLite file."""

from __future__ import annotations

import json
import secrets
import string
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final

from sandbox.paypal.errors import no_such_resource
from sandbox.serving import store as serving
from sandbox.serving.clock import now

Row = serving.Row
Shown = dict[str, Any]
ACCOUNTS: Final = (
    ("NRTHWNDSELLER", "Northwind Traders", "northwind-client:northwind-secret"),
    ("FABRKAMSELLER", "Fabrikam Supplies", "fabrikam-client:fabrikam-secret"),
)
_LETTERS: Final = string.ascii_uppercase + string.digits


@dataclass
class Thing:
    """One object: what the API shows of it, and what only this server knows."""

    kind: str
    id: str
    account_id: str
    owner: str
    shown: Shown
    hidden: Shown
    created_at: float


class Store(serving.Store):
    """The open file of this sandbox."""

    schema: ClassVar[Path] = Path(__file__).with_name("schema.sql")
    schema_version: ClassVar[int] = 1
    accounts = ACCOUNTS

    def add(
        self,
        kind: str,
        id_: str,
        account_id: str,
        shown: Shown,
        *,
        owner: str = "",
        hidden: Shown | None = None,
    ) -> Thing:
        """Write a new object."""
        self.insert(
            "thing",
            kind=kind,
            id=id_,
            account_id=account_id,
            owner=owner,
            shown=json.dumps(shown),
            hidden=json.dumps(hidden or {}),
            created_at=now(),
        )
        return self.get(kind, id_)

    def save(self, thing: Thing) -> Thing:
        """Write what changed in an object."""
        self.run(
            "UPDATE thing SET shown = ?, hidden = ? WHERE id = ?",
            json.dumps(thing.shown),
            json.dumps(thing.hidden),
            thing.id,
        )
        return thing

    def get(self, kind: str, id_: str, account_id: str | None = None) -> Thing:
        """Return an object, of this account if one is given. Raises ``ApiError`` 404."""
        row = self.one("SELECT * FROM thing WHERE kind = ? AND id = ?", kind, id_)
        if row is None or account_id not in {None, row["account_id"]}:
            raise no_such_resource()
        return _thing(row)

    def owned(self, owner: str, kind: str) -> list[Thing]:
        """Return the objects of a kind that belong to another one, the oldest first."""
        rows = self.all(
            "SELECT * FROM thing WHERE owner = ? AND kind = ? ORDER BY seq", owner, kind
        )
        return [_thing(row) for row in rows]

    def of_account(self, account_id: str, kind: str) -> list[Thing]:
        """Return an account's objects of a kind, the oldest first."""
        rows = self.all(
            "SELECT * FROM thing WHERE account_id = ? AND kind = ? ORDER BY seq", account_id, kind
        )
        return [_thing(row) for row in rows]


def _thing(row: Row) -> Thing:
    return Thing(
        row["kind"],
        row["id"],
        row["account_id"],
        row["owner"],
        json.loads(row["shown"]),
        json.loads(row["hidden"]),
        row["created_at"],
    )


def new_id(length: int = 17) -> str:
    """Return an id as PayPal writes them: 17 capital letters and digits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))
