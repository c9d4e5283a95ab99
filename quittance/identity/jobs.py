"""Forgets sessions that are over."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore
from procrastinate.contrib.django import app


@app.periodic(cron="17 * * * *")
@app.task(queue="housekeeping", name="identity.sessions", pass_context=False)
def forget_sessions(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Every hour: throw away the browsers' sessions whose time is over, with what they kept."""
    SessionStore.clear_expired()
