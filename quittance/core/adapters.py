"""Adapters by name: those built in, and those that an installed package offers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from typing import Generic, TypeVar

from quittance.core import credentials
from quittance.core.credentials import Field
from quittance.core.errors import Misconfigured

PortT = TypeVar("PortT")


@dataclass(frozen=True, kw_only=True)  # no slots: Adapter[Erp](...) notes its type on the value
class Adapter(Generic[PortT]):
    """What an adapter's package offers."""

    label: str  # what people call it
    credentials: type  # a dataclass of ``quittance.core.credentials.credential`` fields
    open: Callable[..., PortT]  # takes a value of ``credentials`` and a client; makes no call
    # What stands in for settings that can be chosen only when the others are right.
    unfinished: Mapping[str, str] = field(default_factory=dict)


class Adapters(Generic[PortT]):
    """All adapters of one port.

    ``noun`` is the word for messages, ``group`` the group of entry points in which packages offer
    theirs, ``built_in`` our own: name to "module:attribute".
    """

    def __init__(self, noun: str, group: str, built_in: Mapping[str, str]) -> None:
        self._noun = noun
        self._group = group
        self._built_in = built_in

    def names(self) -> Sequence[str]:
        """Return the names that ``load`` knows, in alphabetical order."""
        return sorted({*self._built_in, *entry_points(group=self._group).names})

    def load(self, name: str) -> Adapter[PortT]:
        """Return an adapter; a built-in name cannot be taken by a package.

        Raises ``Misconfigured`` for a name that nobody has, or for an adapter that does not load.
        """
        noun, field = self._noun, self._noun.lower()
        if name in self._built_in:  # without a look at every package that is installed
            found = EntryPoint(name, self._built_in[name], self._group)
        elif name in (offered := entry_points(group=self._group)).names:
            found = offered[name]
        else:
            known = ", ".join(self.names())
            raise Misconfigured(f"There is no {noun} “{name}”. Known are: {known}.", field=field)
        try:
            adapter = found.load()
        except (ImportError, AttributeError) as error:
            raise Misconfigured(f"The {noun} “{name}” does not load.", field=field) from error
        if not isinstance(adapter, Adapter):
            raise Misconfigured(f"“{found.value}” is not an Adapter.", field=field)
        return adapter

    def label(self, name: str) -> str:
        """Return what people call this adapter's system."""
        return self.load(name).label

    def fields(self, name: str) -> Sequence[Field]:
        """Return what this adapter must be told, for the back office's form."""
        return credentials.fields_of(self.load(name).credentials)

    def open(
        self, name: str, settings: Mapping[str, str], client: object, *, unfinished: bool = False
    ) -> PortT:
        """Return the adapter at work; nothing is asked of the other side yet.

        Raises ``Misconfigured``, with the fact ``field``, for a setting that is missing, unknown or
        cannot be right. With ``unfinished`` some may be missing: see ``Adapter.unfinished``.
        """
        adapter = self.load(name)
        if unfinished:
            given = {name: value for name, value in settings.items() if value.strip()}
            settings = {**adapter.unfinished, **given}
        return adapter.open(credentials.read(adapter.credentials, settings), client)
