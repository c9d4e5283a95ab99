"""Opens adapters, but only to where the operator lets us go.

Managers type the addresses. Without a bound, one of them could have us ask servers that only this
machine can reach, and show what those say (CWE-918). So an address is https and looks public, and
what its name leads to is public when it is asked, unless the operator has set
``QUITTANCE_PRIVATE_ADDRESSES``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import httpx
from django.conf import settings as operators

from quittance.core.credentials import Field
from quittance.core.errors import Misconfigured
from quittance.core.origins import origin_of
from quittance.erp import registry as erps
from quittance.erp.base import Erp
from quittance.gateways import registry as gateways
from quittance.gateways.base import Gateway
from quittance.httpclient import client as httpclient


def new_client(*, timeout_seconds: float) -> httpx.Client:
    """Return a client for an adapter, bound to where the operator lets us go."""
    return httpclient.new_client(
        timeout_seconds=timeout_seconds, public_only=not operators.PRIVATE_ADDRESSES
    )


def open_erp(kind: str, settings: Mapping[str, str], client: httpx.Client) -> Erp:
    """As the registry does. Raises ``Misconfigured`` for an address that may not be asked, too."""
    _check(erps.fields(kind), settings)
    return erps.open_erp(kind, settings, client)


def open_unfinished(kind: str, settings: Mapping[str, str], client: httpx.Client) -> Erp:
    """As ``open_erp``, with settings that are still to be chosen."""
    _check(erps.fields(kind), settings)
    return erps.open_unfinished(kind, settings, client)


def open_gateway(kind: str, settings: Mapping[str, str], client: httpx.Client) -> Gateway:
    """As the registry does. Raises ``Misconfigured`` for an address that may not be asked, too."""
    _check(gateways.fields(kind), settings)
    return gateways.open_gateway(kind, settings, client)


def moved(
    fields: Sequence[Field], kept: Mapping[str, str], settings: Mapping[str, str]
) -> Iterator[Field]:
    """Yield the fields whose address leads to another server than the one that was kept."""
    for field in fields:
        before = kept.get(field.name) or field.default
        now = settings.get(field.name) or field.default
        if before == now or not (_is_address(field, before) or _is_address(field, now)):
            continue
        origin = origin_of(now)
        if origin is None or origin != origin_of(before):
            yield field


def _is_address(field: Field, value: str) -> bool:
    return field.address or "://" in value  # an adapter of somebody else's may not mark its own


def _check(fields: Sequence[Field], settings: Mapping[str, str]) -> None:
    for field in fields:
        value = settings.get(field.name, "").strip()
        if value and _is_address(field, value):
            check_address(value, name=field.name)


def check_address(value: str, *, name: str) -> None:
    """Look at an address that somebody typed as ``name``.

    Raises ``Misconfigured`` for one that is none, or may not be asked.
    """
    origin = origin_of(value)
    if origin is None or not _is_url(value):
        raise Misconfigured(f"“{name}” is not an address like https://host.", field=name)
    if operators.PRIVATE_ADDRESSES:
        return
    if origin.scheme != "https" or not origin.looks_public:
        raise Misconfigured(
            f"“{name}” must begin with https:// and a public host name. Others only "
            "where the operator allows them: QUITTANCE_PRIVATE_ADDRESSES.",
            field=name,
        )


def _is_url(value: str) -> bool:
    """Whether the client could ask it: it reads hosts that look like numbers more strictly."""
    try:
        return bool(httpx.URL(value).host)
    except httpx.InvalidURL:
        return False
