"""``expand[]``: puts whole objects where an answer has their ids."""

from __future__ import annotations

import copy
from typing import Any

from sandbox.stripe.errors import invalid
from sandbox.stripe.state import Sandbox

_DEEPEST = 4


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
    if not isinstance(place, dict) or name not in place:
        # A source may be an object without this field: a payout has no charge.
        if (
            isinstance(place, dict)
            and place.get("object")
            and len(path.split(".")) > len(parts) + 1
        ):
            return
        raise invalid(f"This property cannot be expanded ({path}).", "expand")
    value = place[name]
    if isinstance(value, str):
        found = sandbox.store.find(value)
        if found is None or found.account_id != account_id:
            if "_" in value:
                return
            raise invalid(f"This property cannot be expanded ({path}).", "expand")
        place[name] = value = copy.deepcopy(found.shown)
    _follow(sandbox, account_id, value, rest, path)
