"""There and back: the browser goes to a provider, and comes with what that says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from uuid import UUID

import httpx

from quittance.audit.record import record_event
from quittance.connections.reach import new_client
from quittance.core.errors import OutcomeUnknown, Refused, RuleBroken
from quittance.identity.models import User
from quittance.identity.throttle import check_tries, note_try
from quittance.sso import asked, oidc, saml
from quittance.sso.models import IdentityProvider
from quittance.sso.oidc import Question
from quittance.sso.people import person_for
from quittance.sso.providers import client_of
from quittance.sso.vouched import NotVouched, Vouched
from quittance.tenancy.rows import writing

_PATIENCE_SECONDS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """Our addresses, as providers know them: ``back`` by OpenID Connect, the others by SAML."""

    back: str
    entity_id: str
    acs: str

    @property
    def saml(self) -> saml.Ours:
        """Those of SAML."""
        return saml.Ours(entity_id=self.entity_id, acs=self.acs)


def go(provider: IdentityProvider, ours: Ours, *, hint: str) -> tuple[str, dict[str, str]]:
    """Return where to send the browser, and what its session keeps until it is back.

    ``hint``: the address that was typed. Raises ``OutsideError``.
    """
    if provider.kind == IdentityProvider.Kind.SAML:
        address, question = asked.ask(provider, ours.saml)
        return address, {"question": str(question)}
    with _client() as http:
        metadata = oidc.discover(http, provider.issuer)
    address, code = oidc.ask(metadata, client_of(provider), back=ours.back, hint=hint)
    return address, asdict(code)


def come_back(
    provider: IdentityProvider, kept: Mapping[str, str], sent: Mapping[str, str], ours: Ours,
    *, ip: str,
) -> User:  # fmt: skip
    """Return who it is. What is refused is written down, and slows further tries from there.

    Raises ``NotVouched``, ``NotLetIn``, ``TooManyTries``, and ``OutsideError``.
    """
    with writing():
        check_tries(email=f"sso:{provider.pk}:{ip}", ip=ip)
    try:
        return person_for(provider, _vouched(provider, kept, sent, ours))
    except (Refused, OutcomeUnknown) as error:  # of our code: it was used, or its answer is lost
        _note(provider, error, ip)
        raise NotVouched from error
    except RuleBroken as error:
        _note(provider, error, ip)
        raise


def provider_with(provider_id: UUID) -> IdentityProvider | None:
    """Return a provider that is in use, in a transaction of the caller."""
    return IdentityProvider.objects.filter(pk=provider_id, is_active=True).first()


def _vouched(
    provider: IdentityProvider, kept: Mapping[str, str], sent: Mapping[str, str], ours: Ours
) -> Vouched:
    if provider.kind == IdentityProvider.Kind.SAML:
        return asked.read_answer(provider, UUID(kept["question"]), ours.saml)
    question = Question(state=kept["state"], nonce=kept["nonce"], verifier=kept["verifier"])
    with _client() as http:
        return oidc.answer(http, client_of(provider), question, sent, back=ours.back)


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
