"""Tokens that a company's directory shows when it calls: made, counted, taken back."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from math import ceil
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.sso.models import DirectoryToken, IdentityProvider
from quittance.tenancy.rows import writing

MOST_ALIVE: Final = 2  # of one connection: the one of before, and the one that follows it
A_MINUTE: Final = 1_500  # questions of one token; Microsoft Entra asks for 25 a second
_MINUTE: Final = timedelta(minutes=1)


class TooManyTokens(RuleBroken):
    """There are two tokens already. Take one back that the directory does not use any more."""


class TooFast(RuleBroken):
    """This token asked too often within a minute. Nothing was changed."""

    def __init__(self, *, retry_after_seconds: int) -> None:
        super().__init__()
        self.retry_after_seconds = retry_after_seconds


def make_token(provider_id: UUID) -> str:
    """Return a new token of a connection; it is shown once, and only its SHA-256 is kept.

    The one of before goes on until somebody takes it back. Raises ``TooManyTokens``.
    """
    token = secrets.token_urlsafe(32)
    with writing():
        provider = IdentityProvider.objects.select_for_update().get(pk=provider_id)
        if tokens_of(provider).count() >= MOST_ALIVE:
            raise TooManyTokens
        row = DirectoryToken.objects.create(
            provider=provider, token_hash=_hash(token), made_at=clock.now()
        )
        record_event(
            "directory token made", subject_kind="directory token", subject_id=row.pk,
            provider=str(provider.pk), name=provider.name,
        )  # fmt: skip
    return token


def take_back(provider_id: UUID, token_id: UUID) -> bool:
    """Let a token open nothing any more, from the next question on; say whether it did."""
    with writing():
        rows = DirectoryToken.objects.filter(pk=token_id, provider_id=provider_id, revoked_at=None)
        taken = rows.update(revoked_at=clock.now()) == 1
        if taken:
            _note_taken_back(provider_id, token_id)
    return taken


def take_all_back(provider: IdentityProvider) -> None:
    """Take every token of a connection back, in a transaction of the caller."""
    for row in tokens_of(provider):
        DirectoryToken.objects.filter(pk=row.pk).update(revoked_at=clock.now())
        _note_taken_back(provider.pk, row.pk)


def tokens_of(provider: IdentityProvider) -> QuerySet[DirectoryToken]:
    """Return the tokens of a connection that open something, the newest first."""
    return provider.tokens.filter(revoked_at=None).order_by("-made_at", "pk")


def provider_by(provider_id: UUID, token: str) -> IdentityProvider | None:
    """Return whose token this is, and count that it asked; ``None``: it opens nothing here.

    Raises ``TooFast``. Not inside of a transaction.
    """
    with writing():
        rows = DirectoryToken.objects.select_related("provider").select_for_update(of=("self",))
        row = rows.filter(
            provider_id=provider_id, token_hash=_hash(token), revoked_at=None,
            provider__is_active=True,
        ).first()  # fmt: skip
        if row is None:
            return None
        now = clock.now()
        if row.minute_at is None or not row.minute_at <= now < row.minute_at + _MINUTE:
            row.minute_at, row.asked = now, 0
        if row.asked >= A_MINUTE:
            left = row.minute_at + _MINUTE - now
            raise TooFast(retry_after_seconds=ceil(left.total_seconds()))
        DirectoryToken.objects.filter(pk=row.pk).update(
            minute_at=row.minute_at, asked=row.asked + 1, last_used_at=now
        )
        return row.provider


def _note_taken_back(provider_id: UUID, token_id: UUID) -> None:
    record_event(
        "directory token taken back", subject_kind="directory token", subject_id=token_id,
        provider=str(provider_id),
    )  # fmt: skip


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
