"""What libraries do some thousand times a history with the same outcome, done in a shorter way."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final

_ADDRESSES: Final = 2048  # some dozens a history


def copied(expression: Any) -> Any:
    """Return what ``copy.copy`` makes of a part of a query, without asking how to pickle it."""
    made = object.__new__(type(expression))
    made.__dict__.update(expression.__getstate__())
    return made


def parsed_once(parse: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``parse``, httpx's reader of addresses, which remembers what it made of the last ones.

    httpx reads the address of each call three times, sign by sign.
    """
    return functools.lru_cache(maxsize=_ADDRESSES)(parse)
