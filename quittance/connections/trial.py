"""Tries settings of an ERP out before they are kept: what may be chosen, and whether they work."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final
from uuid import UUID

import httpx

from quittance.connections.models import ErpConnection
from quittance.connections.open import readable_settings
from quittance.connections.reach import new_client, open_erp, open_unfinished
from quittance.core.credentials import Field
from quittance.core.errors import Misconfigured
from quittance.erp import registry
from quittance.erp.base import Erp
from quittance.erp.connecting import Choice, Connects, Tried
from quittance.tenancy.rows import reading

_SECONDS: Final = 30.0


def kinds() -> Sequence[str]:
    """Return the names of the ERPs that there are adapters for."""
    return registry.names()


def label_of(kind: str) -> str:
    """Return what people call this ERP. Raises ``Misconfigured``."""
    return registry.label(kind)


def fields_of(kind: str) -> Sequence[Field]:
    """Return what this ERP's adapter must be told. Raises ``Misconfigured``."""
    return registry.fields(kind)


def kept_settings(legal_entity_id: UUID, kind: str) -> dict[str, str]:
    """Return the settings that are kept for a legal entity; none for another kind or nothing."""
    with reading():
        row = ErpConnection.objects.filter(legal_entity_id=legal_entity_id, kind=kind).first()
    return readable_settings(row) if row else {}


def choices(kind: str, settings: Mapping[str, str], field: str) -> Sequence[Choice]:
    """Return what ``field`` may be, once the settings that it depends on are there.

    Raises ``OutsideError``.
    """
    with _asked(kind, settings, open_unfinished) as erp:
        return erp.choices(field) if erp else []


def try_out(
    kind: str, settings: Mapping[str, str], *, writing: bool, unfinished: bool = False
) -> Iterator[Tried]:
    """Test the settings; see ``Connects.test``. Raises ``Misconfigured`` for one that is wrong.

    ``unfinished``: what is still to be chosen may be missing; the test ends there.
    """
    opened = open_unfinished if unfinished else open_erp
    with _asked(kind, settings, opened) as erp:
        if erp:
            yield from erp.test(writing=writing)


def check_lasting(kind: str, kept: Mapping[str, str], settings: Mapping[str, str]) -> None:
    """Raise ``Misconfigured`` for another value of what booked payments prove themselves by.

    Looked for on another account, in another company, they would not be found any more: those on
    their way could go twice. For the caller to ask once something was booked. Nothing is compared
    where nothing was ``kept``.
    """
    for field in registry.fields(kind) if kept else ():
        before = kept.get(field.name) or field.default
        now = settings.get(field.name) or field.default
        if field.lasting and before and before.casefold() != now.casefold():
            raise Misconfigured(
                f"{field.label} stays {before}: payments are booked with it and prove themselves "
                "by it. To book new ones elsewhere add a rule of where payments are booked; for "
                "other books connect a legal entity of its own.",
                field=field.name,
            )


def other_books(kind: str, kept: Mapping[str, str], settings: Mapping[str, str]) -> bool:
    """Say whether these settings lead to other books: what was read of the kept ones is not theirs.

    Nobody knows where nothing was ``kept``: then they are taken for the same.
    """
    return bool(kept) and any(
        (kept.get(field.name) or field.default).casefold()
        != (settings.get(field.name) or field.default).casefold()
        for field in registry.fields(kind)
        if field.books
    )


def permissions(kind: str, settings: Mapping[str, str]) -> Sequence[str]:
    """Return which rights to give in the ERP. Asks nobody."""
    with _asked(kind, settings, open_unfinished) as erp:
        return erp.permissions() if erp else []


@contextmanager
def _asked(
    kind: str,
    settings: Mapping[str, str],
    open_: Callable[[str, Mapping[str, str], httpx.Client], Erp],
) -> Iterator[Connects | None]:
    """``None``: this ERP's adapter does not help with being connected."""
    if kind not in registry.names():
        known = ", ".join(registry.names())
        raise Misconfigured(f"There is no ERP “{kind}”. Known are: {known}.")
    with new_client(timeout_seconds=_SECONDS) as client:
        erp = open_(kind, settings, client)
        yield erp if isinstance(erp, Connects) else None
