"""People, and the browsers they sit at."""

from __future__ import annotations

from functools import lru_cache

from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore

from quittance.identity.models import User
from quittance.tenancy.rows import reading, writing

PASSWORD = "correct horse battery"
EMAIL = "dana@harborline.example"
IP = "203.0.113.7"


_hashed = lru_cache(make_password)  # it takes its time on purpose


def new_user(email: str = EMAIL, *, password: str = PASSWORD, role: str = "") -> User:
    """A person who can sign in; without a password by code only."""
    with writing():
        return User.objects.create(
            email=email, name="Dana Okafor", staff_role=role,
            password=_hashed(password) if password else "",
        )  # fmt: skip


def change(user: User, **changes: object) -> None:
    """Change a person's row."""
    with writing():
        User.objects.filter(pk=user.pk).update(**changes)


def browser() -> SessionStore:
    """A browser that nobody has signed in at."""
    session = SessionStore()
    session.create()
    return session


def who_is_in(session: SessionStore, organization_id: object) -> User | None:
    """Who is signed in, as the next request sees it."""
    from quittance.identity.sign_in import user_of

    with reading():
        return user_of(SessionStore(session.session_key), organization_id)  # type: ignore[arg-type]
