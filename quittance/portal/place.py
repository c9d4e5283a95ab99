"""Where a person's browser is, as passkeys want to know it."""

from __future__ import annotations

from django.http import HttpRequest

from quittance.identity.factors.passkeys import Place


def place_of(request: HttpRequest) -> Place:
    """Return host and origin: the host is in our table, or no view would be asked."""
    host = request.get_host().lower()
    return Place(host.rsplit(":", 1)[0], f"{request.scheme}://{host}")
