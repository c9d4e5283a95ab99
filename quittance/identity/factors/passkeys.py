"""Passkeys: made, used to sign in without a password or after one, named and removed.

Source: W3C WebAuthn, level 3. The key's own check of the person (finger, face or PIN) is always
wanted, so that a passkey alone is as good as a password with a second factor.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

import webauthn
from django.contrib.sessions.backends.base import SessionBase
from django.db import IntegrityError, transaction
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.identity.models import Passkey, PasskeyChallenge, User
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened

GOOD_FOR: Final = timedelta(minutes=5)
MOST: Final = 10  # of a person
_BROWSER: Final = "passkey_browser"  # the session's word: challenges are good in this browser only
_LONGEST: Final = 16 * 1024  # letters of an answer
_MADE, _USED = "made", "used"
_ALWAYS: Final = UserVerificationRequirement.REQUIRED
# What an answer that is no answer raises, beside the library's own.
_BAD: Final = (
    WebAuthnException, ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError,
)  # fmt: skip


class NoPasskey(RuleBroken):
    """The passkey was not accepted. Nothing was changed. Try again, or use another way."""


class TooManyPasskeys(RuleBroken):
    """You have ten passkeys. Remove one that you do not use any more, then add another."""


class Place(NamedTuple):
    """Where the person's browser is: passkeys belong to a host, and sign the origin."""

    host: str  # without a port
    origin: str  # as "https://pay.example"


def options_to_make(user: User, session: SessionBase, place: Place, *, seller: str) -> str:
    """Return what a browser needs to make a passkey, as JSON. Raises ``TooManyPasskeys``."""
    with widened(), reading():
        own = list(Passkey.objects.filter(user=user))
    if len(own) >= MOST:
        raise TooManyPasskeys
    options = webauthn.generate_registration_options(
        rp_id=place.host, rp_name=seller, user_id=user.pk.bytes, user_name=user.email,
        user_display_name=user.name, challenge=_new_challenge(session, _MADE),
        timeout=_milliseconds(), exclude_credentials=[_descriptor(each) for each in own],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_ALWAYS
        ),
    )  # fmt: skip
    return webauthn.options_to_json(options)


def made_passkey(session: SessionBase, place: Place, *, answer: str) -> VerifiedRegistration:
    """Return the passkey that the browser made for us. Raises ``NoPasskey``."""
    challenge = _challenge(session, _MADE)
    try:
        return webauthn.verify_registration_response(
            credential=_parsed(answer), expected_challenge=challenge, expected_rp_id=place.host,
            expected_origin=place.origin, require_user_verification=True,
        )  # fmt: skip
    except _BAD as error:
        raise NoPasskey from error


def keep_passkey(user: User, made: VerifiedRegistration, place: Place, *, name: str) -> Passkey:
    """Keep a passkey, in a transaction of the caller, who tells the person in the same one.

    Raises ``NoPasskey``, ``TooManyPasskeys``.
    """
    User.objects.select_for_update(of=("self",)).get(pk=user.pk)  # one is counted at a time
    if Passkey.objects.filter(user=user).count() >= MOST:
        raise TooManyPasskeys
    try:
        with transaction.atomic():
            row = Passkey.objects.create(
                user=user, name=_name(name), host=place.host, created_at=clock.now(),
                credential_id=made.credential_id, public_key=made.credential_public_key,
                sign_count=made.sign_count,
            )  # fmt: skip
    except IntegrityError as error:
        raise NoPasskey from error
    record_event("passkey added", subject_kind="user", subject_id=user.pk, passkey=str(row.pk))
    return row


def options_to_use(session: SessionBase, place: Place, user: User | None = None) -> str:
    """Return what a browser needs to use a passkey, as JSON: of ``user``, or of whoever has one.

    For nobody in particular the browser offers what it has, and we learn who it is by the answer.
    """
    own: list[PublicKeyCredentialDescriptor] = []
    if user is not None:
        with widened(), reading():
            own = [_descriptor(each) for each in Passkey.objects.filter(user=user, host=place.host)]
    options = webauthn.generate_authentication_options(
        rp_id=place.host, challenge=_new_challenge(session, _USED), timeout=_milliseconds(),
        allow_credentials=own, user_verification=_ALWAYS,
    )  # fmt: skip
    return webauthn.options_to_json(options)


def user_by_passkey(
    session: SessionBase, place: Place, *, answer: str, only: User | None = None
) -> User | None:
    """Return whose passkey signed our challenge; ``only`` if it is this person's.

    A key whose count of uses does not grow was copied: it is refused, and written down.
    """
    try:
        challenge = _challenge(session, _USED)
        parsed = parse_authentication_credential_json(_parsed(answer))
    except (NoPasskey, *_BAD):
        return None
    with widened(), writing():
        rows = Passkey.objects.select_for_update(of=("self",)).select_related("user")
        row = rows.filter(credential_id=parsed.raw_id, user__is_active=True).first()
        handle = parsed.response.user_handle
        if row is None or (only and row.user_id != only.pk):
            return None
        if handle and handle != row.user_id.bytes:
            return None
        try:
            used = webauthn.verify_authentication_response(
                credential=parsed, expected_challenge=challenge, expected_rp_id=place.host,
                expected_origin=place.origin, credential_public_key=bytes(row.public_key),
                credential_current_sign_count=row.sign_count, require_user_verification=True,
            )  # fmt: skip
        except _BAD as error:
            why = type(error).__name__
            record_event(
                "passkey refused",
                subject_kind="user",
                subject_id=row.user_id,
                passkey=str(row.pk),
                why=why,
            )
            return None
        Passkey.objects.filter(pk=row.pk).update(
            sign_count=used.new_sign_count, last_used_at=clock.now()
        )
        return row.user


def passkeys_of(user: User) -> list[Passkey]:
    """Return the person's passkeys, the oldest first, in a transaction of the caller."""
    return list(Passkey.objects.filter(user=user).order_by("created_at", "pk"))


def name_passkey(user: User, passkey_id: UUID, name: str) -> None:
    """Call a passkey of the person otherwise."""
    with widened(), writing():
        if Passkey.objects.filter(pk=passkey_id, user=user).update(name=_name(name)):
            record_event(
                "passkey named", subject_kind="user", subject_id=user.pk, passkey=str(passkey_id)
            )


def remove_passkey(user: User, passkey_id: UUID) -> bool:
    """Take a passkey of the person away, in a transaction of the caller; say if there was one."""
    removed, _ = Passkey.objects.filter(pk=passkey_id, user=user).delete()
    if removed:
        record_event(
            "passkey removed", subject_kind="user", subject_id=user.pk, passkey=str(passkey_id)
        )
    return bool(removed)


def _new_challenge(session: SessionBase, act: str) -> bytes:
    """Make what is to be signed; an earlier one of this browser for the same act is over."""
    if _BROWSER not in session:
        session[_BROWSER] = secrets.token_urlsafe(24)
    challenge, now = secrets.token_bytes(32), clock.now()
    mine = {"browser_hash": _hash(session[_BROWSER]), "act": act}
    with widened(), writing():
        PasskeyChallenge.objects.filter(expires_at__lt=now).delete()
        PasskeyChallenge.objects.filter(**mine).delete()
        PasskeyChallenge.objects.create(challenge=challenge, expires_at=now + GOOD_FOR, **mine)
    return challenge


def _challenge(session: SessionBase, act: str) -> bytes:
    """Take the challenge of this browser: once. Raises ``NoPasskey`` where there is none."""
    browser_hash = _hash(str(session.get(_BROWSER, "")))
    with widened(), writing():
        rows = PasskeyChallenge.objects.select_for_update(of=("self",)).filter(
            browser_hash=browser_hash, act=act, expires_at__gt=clock.now()
        )
        row = rows.first()
        if row is None:
            raise NoPasskey
        row.delete()
    return bytes(row.challenge)


def _parsed(answer: str) -> dict[str, Any]:
    parsed = json.loads(answer[:_LONGEST])
    if not isinstance(parsed, dict):
        raise NoPasskey
    return parsed


def _descriptor(row: Passkey) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(id=bytes(row.credential_id))


def _name(name: str) -> str:
    plain = "".join(each for each in name if each.isprintable())
    return " ".join(plain.split())[:60] or "Passkey"


def _milliseconds() -> int:
    return int(GOOD_FOR.total_seconds() * 1000)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
