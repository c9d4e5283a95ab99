"""``expand[]``: puts whole objects where an answer has their ids."""

from __future__ import annotations

import copy
from typing import Any

from sandbox.stripe.errors import invalid
from sandbox.stripe.state import Sandbox

_DEEPEST = 4
_EXPANDABLE = {
    "balance_transaction", "charge", "customer", "data", "failure_balance_transaction",
    "latest_charge", "mandate", "payment_intent", "payment_method", "setup_intent", "source",
}  # fmt: skip


def expand(sandbox: Sandbox, account_id: str, answer: Any, paths: list[str]) -> Any:
    """Return a copy of ``answer`` with ``paths`` ("data.source.charge") as whole objects.

    Raises ``StripeError`` for a path that leads nowhere.
    """
    answer = copy.deepcopy(answer)
    for path in paths:
        parts = path.split(".")
        if len(parts) > _DEEPEST:
            raise invalid(f"You cannot expand more than 4 levels: {path}", "expand")
        _follow(sandbox, account_id, answer, parts, path)
    return answer


def _follow(sandbox: Sandbox, account_id: str, place: Any, parts: list[str], path: str) -> None:
    if isinstance(place, list):
        for each in place:
            _follow(sandbox, account_id, each, parts, path)
        return
    if not parts or place is None:
        return
    name, *rest = parts
    if name not in _EXPANDABLE or not isinstance(place, dict):
        raise invalid(f"This property cannot be expanded ({path}).", "expand")
    value = place.get(name)
    if isinstance(value, str):
        found = sandbox.store.find(value)
        if found is None or found.account_id != account_id:
            return  # what this server never makes: a bank account of the merchant
        place[name] = value = copy.deepcopy(found.shown)
    _follow(sandbox, account_id, value, rest, path)
