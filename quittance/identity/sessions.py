"""Sessions as Django keeps them in the database; every request reads one, by one statement."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import db

from quittance.core import clock
from quittance.tenancy.kept import execute


class SessionStore(db.SessionStore):
    """Django's own store. To have its row made by the ORM took longer than all else of it."""

    def load(self) -> dict[str, Any]:
        """Return what is kept; nothing, and no key, where the session is over or never was."""
        rows = execute(
            "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s",
            [self.session_key, clock.now()],
        )
        if not rows:
            self._session_key = None
            return {}
        kept: dict[str, Any] = self.decode(rows[0][0])
        return kept
