"""There and back: the browser goes to a provider, and comes with what that says."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import httpx

from quittance.audit.record import record_event
from quittance.connections.reach import new_client
from quittance.core.errors import OutcomeUnknown, Refused, RuleBroken
from quittance.identity.models import User
from quittance.identity.throttle import check_tries, note_try
from quittance.sso import oidc
from quittance.sso.models import IdentityProvider
from quittance.sso.oidc import Question
from quittance.sso.people import person_for
from quittance.sso.providers import client_of
from quittance.sso.vouched import NotVouched
from quittance.tenancy.rows import writing

_PATIENCE_SECONDS = 8


def go(provider: IdentityProvider, *, back: str, hint: str) -> tuple[str, Question]:
    """Return where to send the browser, and what to keep until it is ``back``.

    ``hint``: the address that was typed. Raises ``OutsideError``.
    """
    with _client() as http:
        metadata = oidc.discover(http, provider.issuer)
    return oidc.ask(metadata, client_of(provider), back=back, hint=hint)


def come_back(
    provider: IdentityProvider, question: Question, sent: Mapping[str, str], *, back: str, ip: str
) -> User:
    """Return who it is. What is refused is written down, and slows further tries from there.

    Raises ``NotVouched``, ``NotLetIn``, ``TooManyTries``, and ``OutsideError``.
    """
    with writing():
        check_tries(email=f"sso:{provider.pk}:{ip}", ip=ip)
    try:
        with _client() as http:
            vouched = oidc.answer(http, client_of(provider), question, sent, back=back)
        return person_for(provider, vouched)
    except (Refused, OutcomeUnknown) as error:  # of our code: it was used, or its answer is lost
        _note(provider, error, ip)
        raise NotVouched from error
    except RuleBroken as error:
        _note(provider, error, ip)
        raise


def provider_with(provider_id: UUID) -> IdentityProvider | None:
    """Return a provider that is in use, in a transaction of the caller."""
    return IdentityProvider.objects.filter(pk=provider_id, is_active=True).first()


def _note(provider: IdentityProvider, error: Exception, ip: str) -> None:
    facts = getattr(error, "facts", {})
    with writing():
        note_try(email=f"sso:{provider.pk}:{ip}", ip=ip)
        record_event(
            "single sign-on refused", subject_id=provider.pk,
            problem=str(facts.get("problem") or error)[:200],
        )  # fmt: skip


def _client() -> httpx.Client:
    return new_client(timeout_seconds=_PATIENCE_SECONDS)
