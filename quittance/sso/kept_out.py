"""Keeps leavers out who were erased, by a keyed hash of their address and nothing else of them.

Without the key, which is sealed, nobody can try addresses against the hashes (GDPR, Art. 11).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final

from django.db.models import QuerySet

from quittance.sso.models import IdentityProvider, KeptOut
from quittance.tenancy.scope import current_organization_id
from quittance.tenancy.seal import open_sealed, seal

_PLACE: Final = "sso_identityprovider.pepper"


def keep_out(provider: IdentityProvider, email: str) -> None:
    """Keep whoever has this address out, in a transaction of the caller."""
    locked = IdentityProvider.objects.select_for_update(no_key=True).get(pk=provider.pk)
    if not locked.sealed_pepper:
        locked.sealed_pepper = _sealed(locked, secrets.token_hex(32))
        locked.save(update_fields=["sealed_pepper"])
    KeptOut.objects.get_or_create(provider=locked, mark=_mark(locked, email))


def is_kept_out(provider: IdentityProvider, email: str) -> bool:
    """Say whether a leaver had this address who was erased, in a transaction of the caller."""
    return _kept_out(provider, email).exists()


def let_in_again(provider: IdentityProvider, email: str) -> None:
    """Keep nobody out by this address any more: the directory tells of it anew."""
    _kept_out(provider, email).delete()


def sealed_anew(provider: IdentityProvider) -> bytes | None:
    """Return what the hashes are made with, sealed with the key of now; ``None``: nothing is."""
    return _sealed(provider, _pepper(provider)) if provider.sealed_pepper else None


def _kept_out(provider: IdentityProvider, email: str) -> QuerySet[KeptOut]:
    now = IdentityProvider.objects.get(pk=provider.pk)  # an erasure may have been the first
    if not now.sealed_pepper:
        return KeptOut.objects.none()
    return KeptOut.objects.filter(provider=now, mark=_mark(now, email))


def _mark(provider: IdentityProvider, email: str) -> str:
    key = bytes.fromhex(_pepper(provider))
    return hmac.new(key, email.encode(), hashlib.sha256).hexdigest()


def _pepper(provider: IdentityProvider) -> str:
    opened = open_sealed(
        provider.sealed_pepper or b"", organization_id=current_organization_id(), place=_PLACE,
        row_id=provider.pk,
    )  # fmt: skip
    return opened["pepper"]


def _sealed(provider: IdentityProvider, pepper: str) -> bytes:
    return seal(
        {"pepper": pepper}, organization_id=current_organization_id(), place=_PLACE,
        row_id=provider.pk,
    )  # fmt: skip
