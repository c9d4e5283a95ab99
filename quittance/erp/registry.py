"""Which ERPs there are, and how to open one by its name.

A package of yours adds one with an entry point in the group ``quittance.erp`` whose value is an
``Adapter``; the entry point's name is the ERP's name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import entry_points
from typing import Final

import httpx

from quittance.core.credentials import Field, fields_of
from quittance.core.errors import Misconfigured
from quittance.erp.base import Adapter, Erp
from quittance.erp.business_central.erp import ADAPTER as BUSINESS_CENTRAL

_OURS: Final[Mapping[str, Adapter]] = {"business_central": BUSINESS_CENTRAL}
_GROUP: Final = "quittance.erp"


def names() -> Sequence[str]:
    """Return the names of all ERPs, ours first."""
    others = {point.name for point in entry_points(group=_GROUP)} - set(_OURS)
    return [*_OURS, *sorted(others)]


def label(name: str) -> str:
    """Return what people call this ERP."""
    return _adapter(name).label


def fields(name: str) -> Sequence[Field]:
    """Return what this ERP must be told, for the form in the back office."""
    return fields_of(_adapter(name).credentials)


def open_erp(name: str, settings: Mapping[str, str], client: httpx.Client) -> Erp:
    """Open one legal entity's ERP. Makes no call; raises ``Misconfigured`` on wrong settings.

    Keep what comes back: it holds the token, and a new one signs in anew.
    """
    return _adapter(name).open_erp(settings, client)


def _adapter(name: str) -> Adapter:
    if name in _OURS:
        return _OURS[name]
    for point in entry_points(group=_GROUP, name=name):
        adapter = point.load()
        if isinstance(adapter, Adapter):
            return adapter
        raise Misconfigured(f"The entry point “{name}” of {_GROUP} is no Adapter.")
    raise Misconfigured(f"There is no ERP called “{name}”. Known are: {', '.join(names())}.")
