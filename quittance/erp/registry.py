"""Which ERPs there are: the built-in ones, and packages that offer one by an entry point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Final

import httpx

from quittance.core import credentials
from quittance.core.credentials import Field
from quittance.core.errors import Misconfigured
from quittance.erp.base import Adapter, Erp

GROUP: Final = "quittance.erp"
_BUILT_IN: Final = {
    "business_central": "quittance.erp.business_central:ADAPTER",
}


def names() -> Sequence[str]:
    """Return the names that ``load`` knows, in alphabetical order."""
    return sorted({*_BUILT_IN, *entry_points(group=GROUP).names})


def load(name: str) -> Adapter:
    """Return an ERP's adapter; a built-in name cannot be taken by a package.

    Raises ``Misconfigured`` for a name that nobody has, or for an adapter that does not load.
    """
    if name in _BUILT_IN:
        found = EntryPoint(name, _BUILT_IN[name], GROUP)
    elif name in entry_points(group=GROUP).names:
        found = entry_points(group=GROUP)[name]
    else:
        raise Misconfigured(
            f"There is no ERP “{name}”. Known are: {', '.join(names())}.", field="erp"
        )
    try:
        adapter = found.load()
    except (ImportError, AttributeError) as error:
        raise Misconfigured(f"The ERP “{name}” does not load.", field="erp") from error
    if not isinstance(adapter, Adapter):
        raise Misconfigured(f"“{found.value}” is not an Adapter.", field="erp")
    return adapter


def label(name: str) -> str:
    """Return what people call this ERP."""
    return load(name).label


def fields(name: str) -> Sequence[Field]:
    """Return what this ERP must be told, for the back office's form."""
    return credentials.fields_of(load(name).credentials)


def open_erp(name: str, settings: Mapping[str, str], client: httpx.Client) -> Erp:
    """Return one legal entity's ERP; nothing is asked of it yet.

    Keep it: it holds the token, a new one signs in anew. Raises ``Misconfigured``, with the fact
    ``field``, for a setting that is missing, unknown or cannot be right.
    """
    adapter = load(name)
    return adapter.open(credentials.read(adapter.credentials, settings), client)
