"""Which gateways there are: the built-in ones, and packages that offer one by an entry point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Final

import httpx

from quittance.core import credentials
from quittance.core.credentials import Field
from quittance.core.errors import Misconfigured
from quittance.gateways.base import Adapter, Gateway

GROUP: Final = "quittance.gateways"
_BUILT_IN: Final = {
    "sandbox": "quittance.gateways.sandbox:ADAPTER",
}


def names() -> Sequence[str]:
    """Return the names that ``load`` knows, in alphabetical order."""
    return sorted({*_BUILT_IN, *entry_points(group=GROUP).names})


def load(name: str) -> Adapter:
    """Return a gateway's adapter; a built-in name cannot be taken by a package.

    Raises ``Misconfigured`` for a name that nobody has, or for an adapter that does not load.
    """
    if name in _BUILT_IN:
        found = EntryPoint(name, _BUILT_IN[name], GROUP)
    elif name in entry_points(group=GROUP).names:
        found = entry_points(group=GROUP)[name]
    else:
        raise Misconfigured(
            f"There is no gateway “{name}”. Known are: {', '.join(names())}.", field="gateway"
        )
    try:
        adapter = found.load()
    except (ImportError, AttributeError) as error:
        raise Misconfigured(f"The gateway “{name}” does not load.", field="gateway") from error
    if not isinstance(adapter, Adapter):
        raise Misconfigured(f"“{found.value}” is not an Adapter.", field="gateway")
    return adapter


def label(name: str) -> str:
    """Return what people call this gateway."""
    return load(name).label


def fields(name: str) -> Sequence[Field]:
    """Return what this gateway must be told, for the back office's form."""
    return credentials.fields_of(load(name).credentials)


def open_gateway(name: str, settings: Mapping[str, str], client: httpx.Client) -> Gateway:
    """Return one account at a gateway; nothing is asked of it yet.

    Raises ``Misconfigured``, with the fact ``field``, for a setting that is missing, unknown or
    cannot be right.
    """
    adapter = load(name)
    return adapter.open(credentials.read(adapter.credentials, settings), client)
