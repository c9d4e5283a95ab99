"""Which ERPs there are: the built-in ones, and packages that offer one by an entry point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import httpx

from quittance.core.adapters import Adapters
from quittance.erp.base import Erp

GROUP: Final = "quittance.erp"
_ERPS: Final = Adapters[Erp](
    "ERP",
    GROUP,
    {
        "business_central": "quittance.erp.business_central:ADAPTER",
    },
)
names, load, label, fields = _ERPS.names, _ERPS.load, _ERPS.label, _ERPS.fields


def open_erp(name: str, settings: Mapping[str, str], client: httpx.Client) -> Erp:
    """Return one legal entity's ERP; nothing is asked of it yet.

    Keep it: it holds the token, a new one signs in anew. Raises ``Misconfigured``, with the fact
    ``field``, for a setting that is missing, unknown or cannot be right.
    """
    return _ERPS.open(name, settings, client)


def open_unfinished(name: str, settings: Mapping[str, str], client: httpx.Client) -> Erp:
    """Return an ERP of which some settings are still to be chosen from what it offers."""
    return _ERPS.open(name, settings, client, unfinished=True)
