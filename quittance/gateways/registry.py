"""Which gateways there are: the built-in ones, and packages that offer one by an entry point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import httpx

from quittance.core.adapters import Adapters
from quittance.gateways.base import Gateway

GROUP: Final = "quittance.gateways"
_GATEWAYS: Final = Adapters[Gateway](
    "gateway",
    GROUP,
    {
        "gocardless": "quittance.gateways.gocardless:ADAPTER",
        "paypal": "quittance.gateways.paypal:ADAPTER",
        "sandbox": "quittance.gateways.sandbox:ADAPTER",
        "stripe": "quittance.gateways.stripe:ADAPTER",
    },
)
names, load, label, fields = _GATEWAYS.names, _GATEWAYS.load, _GATEWAYS.label, _GATEWAYS.fields


def open_gateway(name: str, settings: Mapping[str, str], client: httpx.Client) -> Gateway:
    """Return one account at a gateway; nothing is asked of it yet.

    Raises ``Misconfigured``, with the fact ``field``, for a setting that is missing, unknown or
    cannot be right.
    """
    return _GATEWAYS.open(name, settings, client)
