"""Questions that browsers carry to SAML providers, and the answers that came: each counts once.

A provider's answer is a form that its page sends to us, and with a form from elsewhere a browser
sends no cookie of ours (``SameSite=Lax``). So the answer is put beside its question, unread, and
the browser is led to an address of ours to which it brings its session: only the session that asked
knows which question is its own, and has the answer read.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError

from quittance.core import clock
from quittance.sso import saml
from quittance.sso.metadata import split
from quittance.sso.models import IdentityProvider, SamlQuestion, SeenAssertion
from quittance.sso.saml import Ours, Theirs
from quittance.sso.vouched import NotVouched, Vouched
from quittance.tenancy.rows import writing

GOOD_FOR: Final = timedelta(minutes=10)


def ask(provider: IdentityProvider, ours: Ours) -> tuple[str, UUID]:
    """Return where to send the browser, and which question its session is to remember."""
    relay = secrets.token_urlsafe(32)
    address, question_id = saml.ask(ours, _theirs(provider), relay=relay)
    with writing():
        row = SamlQuestion.objects.create(
            provider=provider, question_id=question_id, relay_hash=_hash(relay),
            asked_at=clock.now(),
        )  # fmt: skip
    return address, row.pk


def keep_answer(relay: str, sent: bytes) -> bool:
    """Put an answer beside its question, unread. ``False``: none waits for it, or no more.

    The first that comes is kept, so nobody can put another in its place.
    """
    if len(sent) > saml.MOST_BYTES:
        return False
    with writing():
        waiting = SamlQuestion.objects.filter(
            relay_hash=_hash(relay), answered_at=None, asked_at__gt=clock.now() - GOOD_FOR
        )
        return waiting.update(answer=sent, answered_at=clock.now()) == 1


def read_answer(provider: IdentityProvider, row_id: UUID, ours: Ours) -> Vouched:
    """Return for whom the provider vouches, by the answer to this question; it counts once.

    Raises ``NotVouched``.
    """
    with writing():
        rows = SamlQuestion.objects.select_for_update().filter(pk=row_id, provider=provider)
        row = rows.first()
        rows.delete()
    if row is None or row.answered_at is None or row.asked_at <= clock.now() - GOOD_FOR:
        raise NotVouched(problem="no answer came to this question, or too late")
    theirs, sent = _theirs(provider), bytes(row.answer)
    said = saml.answer(ours, theirs, question_id=row.question_id, sent=sent)
    _note_seen(provider, said.assertion_id, said.good_until)
    return said.vouched


def forget_old() -> None:
    """Forget questions nobody came back with, and assertions that are over by themselves."""
    now = clock.now()
    with writing():
        SamlQuestion.objects.filter(asked_at__lte=now - GOOD_FOR).delete()
        SeenAssertion.objects.filter(until__lte=now).delete()


def _note_seen(provider: IdentityProvider, assertion_id: str, until: datetime) -> None:
    try:
        with writing():
            SeenAssertion.objects.create(
                provider=provider, id_hash=_hash(assertion_id), until=until
            )
    except IntegrityError as error:
        raise NotVouched(problem="this assertion was here before") from error


def _theirs(provider: IdentityProvider) -> Theirs:
    return Theirs(
        issuer=provider.issuer, sign_on_url=provider.sign_on_url,
        certificates=split(provider.certificates), groups_claim=provider.groups_claim,
    )  # fmt: skip


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
