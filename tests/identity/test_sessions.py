"""A session is read by one statement, and holds only what was kept in it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext

from quittance.core import clock
from quittance.identity.sessions import SessionStore


def kept(**values: object) -> str:
    """Keep values in a new session; return its key."""
    session = SessionStore()
    session.update(values)
    session.save()
    return str(session.session_key)


def test_what_was_kept_is_read_by_one_statement(organization: UUID) -> None:
    key = kept(account="C-1")

    with CaptureQueriesContext(connection) as asked:
        session = SessionStore(key)

        assert session["account"] == "C-1"
    assert len(asked) == 1


def test_a_session_that_is_over_holds_nothing_and_has_no_key(organization: UUID) -> None:
    key = kept(account="C-1")
    Session.objects.filter(pk=key).update(expire_date=clock.now() - timedelta(seconds=1))

    session = SessionStore(key)

    assert session.get("account") is None
    assert session.session_key is None


def test_a_key_that_nobody_made_holds_nothing(organization: UUID) -> None:
    assert SessionStore("x" * 32).get("account") is None


def test_what_somebody_changed_in_the_table_is_not_believed(organization: UUID) -> None:
    """Values are signed: a row that another program wrote holds nothing."""
    key = kept(account="C-1")
    row = Session.objects.get(pk=key)
    Session.objects.filter(pk=key).update(session_data=row.session_data[:-1] + "_")

    assert SessionStore(key).get("account") is None


def test_requests_read_their_session_here(organization: UUID) -> None:
    assert f"{settings.SESSION_ENGINE}.SessionStore" == (
        f"{SessionStore.__module__}.{SessionStore.__name__}"
    )
