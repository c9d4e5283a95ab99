"""Finds the identity provider that an address names."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404

from quittance.sso.models import IdentityProvider
from quittance.tenancy.rows import reading


def kept_provider(provider_id: UUID) -> IdentityProvider:
    """Return a provider as it is kept. Raises ``Http404``."""
    with reading():
        found = IdentityProvider.objects.filter(pk=provider_id).first()
    if found is None:
        raise Http404
    return found
