"""A proof of just now that it is still the person, for what would hurt most in other hands."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.contrib.sessions.backends.base import SessionBase

from quittance.core import clock

GOOD_FOR: Final = timedelta(minutes=5)  # source: security.md, A4
_PROVED: Final = "proved"


def note_proof(session: SessionBase) -> None:
    """Remember that the person just proved who it is; the session gets a new id."""
    session.cycle_key()
    session[_PROVED] = clock.now().timestamp()


def is_fresh(session: SessionBase) -> bool:
    """Say whether the person of this session proved who it is within the last five minutes."""
    age = clock.now().timestamp() - float(session.get(_PROVED, 0))
    return 0 <= age <= GOOD_FOR.total_seconds()
