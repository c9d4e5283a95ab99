"""Remembers which language a person is spoken to in: on pages, in mails and on paper."""

from __future__ import annotations

from django.contrib.sessions.backends.base import SessionBase

from quittance.identity.models import User
from quittance.identity.sign_in import user_of
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import current_organization_id


def keep_language(session: SessionBase, language: str) -> None:
    """Keep what the person of this session chose; nothing where nobody is signed in."""
    with writing():
        user = user_of(session, current_organization_id())
        if user is not None and user.language != language:
            User.objects.filter(pk=user.pk).update(language=language)


def first_language(user: User, language: str) -> None:
    """Keep the language of the page at which somebody first signed in, who chose none before.

    In a transaction of the caller. So mails and papers for them are in the language they read.
    """
    User.objects.filter(pk=user.pk, language="").update(language=language)
