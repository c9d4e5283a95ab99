"""Changes the settings of a connection after they were tried out; shows all but the secret ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from quittance.audit.record import record_event
from quittance.connections.capabilities import look_at_erp, look_at_gateway
from quittance.connections.keep import keep_erp_connection, keep_gateway_account
from quittance.connections.models import ErpConnection, GatewayAccount
from quittance.connections.open import readable_settings
from quittance.connections.reach import moved, new_client, open_gateway
from quittance.connections.trial import check_lasting, other_books, try_out
from quittance.core.credentials import Field
from quittance.core.errors import Misconfigured, OutsideError
from quittance.erp import registry as erps
from quittance.erp.connecting import Outcome, Tried
from quittance.gateways import registry as gateways
from quittance.tenancy.rows import reading, writing

_SECONDS: Final = 20.0
Connection = ErpConnection | GatewayAccount


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One line of the form. A secret has no value here, only the word that there is one."""

    field: Field
    value: str
    is_kept: bool


def label_of(row: Connection) -> str:
    """Return what people call the system behind a connection. Raises ``Misconfigured``."""
    if isinstance(row, ErpConnection):
        return erps.label(row.kind)
    return gateways.label(row.kind)


def settings_to_show(row: Connection) -> list[Setting]:
    """Return the settings for a form. A connection whose seal does not open shows none of them."""
    kept = readable_settings(row)
    return [
        Setting(
            field=each,
            value="" if each.secret else kept.get(each.name, each.default),
            is_kept=bool(kept.get(each.name)),
        )
        for each in _fields(row)
    ]


def change_erp(
    legal_entity_id: UUID,
    typed: Mapping[str, str],
    *,
    is_used: bool,
    read_anew: Callable[[UUID], None],
) -> Sequence[Tried]:
    """Try the settings out, and keep them if all that is needed works; return what was found.

    A secret that is left empty stays. ``is_used``: payments were put in line for this ERP, so what
    they prove themselves by stays. ``read_anew`` runs in the transaction that keeps settings which
    lead to other books. Raises ``Misconfigured`` with the fact ``field``.
    """
    with reading():
        row = ErpConnection.objects.get(legal_entity_id=legal_entity_id)
    settings = _merged(row, typed)
    before = readable_settings(row)
    if is_used:
        check_lasting(row.kind, before, settings)
    tried = list(try_out(row.kind, settings, writing=True))
    if all(each.outcome != Outcome.BAD or not each.needed for each in tried):
        with writing():
            keep_erp_connection(legal_entity_id=legal_entity_id, kind=row.kind, settings=settings)
            if other_books(row.kind, before, settings):
                read_anew(legal_entity_id)
            _note(row, typed)
        with suppress(OutsideError):  # noted on the connection
            look_at_erp(legal_entity_id)
    return tried


def change_gateway(gateway_account_id: UUID, typed: Mapping[str, str], *, is_used: bool) -> str:
    """Try the settings of a gateway account out and keep them; return the account's name there.

    As in ``change_erp``. ``is_used``: there were payments there, which are looked for in the same
    account of the gateway. Raises ``OutsideError``: then nothing was kept.
    """
    with reading():
        row = GatewayAccount.objects.get(pk=gateway_account_id)
    settings = _merged(row, typed)
    with new_client(timeout_seconds=_SECONDS) as client:
        account = open_gateway(row.kind, settings, client).check()
    if is_used and _own_id(row) not in {"", account.id}:
        raise Misconfigured(
            f"This key is of another account ({account.name}). Payments were made in the one that "
            "is kept, and are looked for there: add a second account instead."
        )
    with writing():
        kept = keep_gateway_account(kind=row.kind, name=row.name, settings=settings)
        GatewayAccount.objects.filter(pk=kept.pk).update(own_id=account.id)
        _note(row, typed)
    return account.name


def _own_id(row: GatewayAccount) -> str:
    """Return which account of the gateway a row is, if anybody knows: else its kept key is asked.

    "" where that is not accepted any more.
    """
    if not row.own_id:
        with suppress(OutsideError):
            look_at_gateway(row.pk)
        with reading():
            row.refresh_from_db(fields=["own_id"])
    return row.own_id


def _fields(row: Connection) -> Sequence[Field]:
    if isinstance(row, ErpConnection):
        return erps.fields(row.kind)
    return gateways.fields(row.kind)


def _merged(row: Connection, typed: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed, and the kept secrets where nothing was.

    A kept secret goes only to the servers that it was kept for: else whoever may change an
    address could have it sent to themselves.
    """
    kept = readable_settings(row)
    fields = _fields(row)
    settings = {each.name: typed.get(each.name, "").strip() for each in fields}
    elsewhere = [each.label for each in moved(fields, kept, settings)]
    for each in fields:
        if each.secret and not settings[each.name]:
            if elsewhere and kept.get(each.name):
                raise Misconfigured(
                    f"{', '.join(elsewhere)} is another now. Type {each.label} again: it is not "
                    "sent to an address that it was not kept for.",
                    field=each.name,
                )
            settings[each.name] = kept.get(each.name, "")
    return {name: value for name, value in settings.items() if value}


def _note(row: Connection, typed: Mapping[str, str]) -> None:
    """Remember who changed settings, and whether a secret was among them; no values."""
    secrets = [each.name for each in _fields(row) if each.secret and typed.get(each.name)]
    record_event(
        "connection changed", subject_kind="connection", subject_id=row.pk, new_secrets=secrets
    )
