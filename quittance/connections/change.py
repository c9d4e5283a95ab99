"""Changes the settings of a connection after they were tried out; shows all but the secret ones."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
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
from quittance.core.errors import Misconfigured, OutsideError, RuleBroken
from quittance.erp import registry as erps
from quittance.erp.connecting import Outcome, Tried
from quittance.gateways import registry as gateways
from quittance.tenancy.rows import reading, writing

_SECONDS: Final = 20.0
_SET, _BEFORE = "set ", "before"  # of a packed draft
Connection = ErpConnection | GatewayAccount
WithWord = Callable[[], AbstractContextManager[object]]


class ChangedSince(RuleBroken):
    """The connection was changed since this was asked for. Refuse it; it can be asked for anew."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Settings that were tried out for a connection and are not kept yet. They have secrets."""

    row: Connection
    settings: Mapping[str, str]
    before: Mapping[str, str]  # those that are kept
    tried: Sequence[Tried] = ()  # of an ERP: what was found
    account_id: str = ""  # of a gateway: which account of it these settings open
    account: str = ""  # and what it is called there

    @property
    def works(self) -> bool:
        """Whether all that is needed works."""
        return all(each.outcome != Outcome.BAD or not each.needed for each in self.tried)


def draft_erp(legal_entity_id: UUID, typed: Mapping[str, str], *, is_used: bool) -> Draft:
    """Try settings of an ERP out. A secret that is left empty is the kept one.

    ``is_used``: payments were put in line for this ERP, so what they prove themselves by stays.
    Raises ``Misconfigured`` with the fact ``field``.
    """
    with reading():
        rows = ErpConnection.objects.select_related("legal_entity")
        row = rows.get(legal_entity_id=legal_entity_id)
    settings, before = _merged(row, typed), readable_settings(row)
    if is_used:
        check_lasting(row.kind, before, settings)
    tried = list(try_out(row.kind, settings, writing=True))
    return Draft(row=row, settings=settings, before=before, tried=tried)


def draft_gateway(gateway_account_id: UUID, typed: Mapping[str, str], *, is_used: bool) -> Draft:
    """Try settings of a gateway account out, as ``draft_erp`` does.

    ``is_used``: there were payments there, which are looked for in the same account of the gateway.
    Raises ``OutsideError``.
    """
    with reading():
        row = GatewayAccount.objects.get(pk=gateway_account_id)
    settings, before = _merged(row, typed), readable_settings(row)
    with new_client(timeout_seconds=_SECONDS) as client:
        account = open_gateway(row.kind, settings, client).check()
    if is_used and _own_id(row) not in {"", account.id}:
        raise Misconfigured(
            f"This key is of another account ({account.name}). Payments were made in the one that "
            "is kept, and are looked for there: add a second account instead."
        )
    return Draft(
        row=row, settings=settings, before=before, account_id=account.id, account=account.name
    )


def keep_draft(
    draft: Draft, *, read_anew: Callable[[UUID], None], with_word: WithWord = nullcontext
) -> None:
    """Keep settings that work.

    ``read_anew`` runs in the transaction that keeps settings which lead to other books.
    ``with_word`` is entered in it: another person's word, which counts only if they are kept.
    """
    row, settings = draft.row, draft.settings
    with writing(), with_word():
        if isinstance(row, ErpConnection):
            where = row.legal_entity_id
            keep_erp_connection(legal_entity_id=where, kind=row.kind, settings=settings)
            if other_books(row.kind, draft.before, settings):
                read_anew(where)
        else:
            kept = keep_gateway_account(kind=row.kind, name=row.name, settings=settings)
            GatewayAccount.objects.filter(pk=kept.pk).update(own_id=draft.account_id)
        _note(draft)
    if isinstance(row, ErpConnection):
        with suppress(OutsideError):  # noted on the connection
            look_at_erp(row.legal_entity_id)


def changes_of(draft: Draft) -> list[tuple[str, str, str]]:
    """Return what a draft changes, for pages: what, before, after; of a secret no value."""
    found = []
    for each in _fields(draft.row):
        before = draft.before.get(each.name) or each.default
        now = draft.settings.get(each.name) or each.default
        if before != now:
            words = ("kept, never shown" if before else "", "another one" if now else "")
            found.append((each.label, *(words if each.secret else (before, now))))
    return found


def packed(draft: Draft) -> dict[str, str]:
    """Return a draft as it is sealed until another person confirms it."""
    named = {f"{_SET}{name}": value for name, value in draft.settings.items()}
    return {**named, _BEFORE: _print_of(draft.before)}


def unpacked(row: Connection, content: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of a sealed draft. Raises ``ChangedSince``: then it was for others."""
    if _print_of(readable_settings(row)) != content[_BEFORE]:
        raise ChangedSince
    named = {name: value for name, value in content.items() if name.startswith(_SET)}
    return {name.removeprefix(_SET): value for name, value in named.items()}


def _print_of(settings: Mapping[str, str]) -> str:
    """Return a print by which settings are known again; it is only ever kept sealed."""
    return hashlib.sha256(json.dumps(dict(settings), sort_keys=True).encode()).hexdigest()


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


def _note(draft: Draft) -> None:
    """Remember who changed settings, and whether a secret was among them; no values."""
    secrets = [
        each.name for each in _fields(draft.row)
        if each.secret and draft.settings.get(each.name, "") != draft.before.get(each.name, "")
    ]  # fmt: skip
    record_event(
        "connection changed", subject_kind="connection", subject_id=draft.row.pk,
        new_secrets=secrets,
    )  # fmt: skip
