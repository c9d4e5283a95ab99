"""Ids that follow from codes: the same in every demo company of a name, others in another."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_owner: ContextVar[str] = ContextVar("owner", default="")


@contextmanager
def of_company(name: str) -> Iterator[None]:
    """Make ids of another company than the main one meanwhile."""
    token = _owner.set(f"{name} ")
    try:
        yield
    finally:
        _owner.reset(token)


def coded(*parts: str) -> str:
    """The id of what has a code."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, _owner.get() + " ".join(parts)))
