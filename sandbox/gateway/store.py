"""The gateway's memory: which tables and accounts it has."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Final

from sandbox.serving import store as serving

Row = serving.Row
ACCOUNTS: Final = (
    ("acct_northwind", "Northwind Traders (sandbox)", "sk_sandbox_demo"),
    ("acct_fabrikam", "Fabrikam Supplies (sandbox)", "sk_sandbox_second"),
)


class Store(serving.Store):
    """The open file. See ``sandbox.serving.store``."""

    schema: ClassVar[Path] = Path(__file__).with_name("schema.sql")
    schema_version: ClassVar[int] = 2  # raised whenever a table changes
    accounts: ClassVar[Sequence[tuple[str, str, str]]] = ACCOUNTS


def new_id(prefix: str) -> str:
    """Return an id that cannot be guessed: ``pay_`` and 24 hexadecimal digits."""
    return f"{prefix}_{secrets.token_hex(12)}"
