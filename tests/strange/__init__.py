"""Strings that a careless page takes for markup, script or template, and where they are put."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any, Final
from uuid import UUID

import psycopg
from django.apps import apps
from django.db import models
from psycopg import sql
from psycopg.types.json import Jsonb

from quittance.tenancy.models import OrganizationScoped

STRINGS: Final[tuple[str, ...]] = tuple(
    each
    for kind in json.loads(Path(__file__).with_name("strings.json").read_text())["strings"].values()
    for each in kind
)
MARK: Final = "qx7"  # in a name, an attribute or an address of whatever a string would make
_SHORTEST: Final = 30  # characters of a column that takes part: below it are codes and numbers
# What code looks up, compares or calls, and what a form would never let through as it is here.
_CODES: Final = re.compile(
    r"hash|path|url|cursor|fingerprint|sha256|version|etag|erp_id|_object|^gateway_|_by$"
    r"|position$|currency|_id$"
)
_CODE: Final = {
    "key", "kind", "what", "subject_kind", "subject", "actor", "on_behalf_of", "zone", "host",
    "password", "salt", "token", "word", "site", "domain", "issuer", "certificates", "account",
    "reference", "resource", "ip_address", "address", "cause", "changed", "initial_reference",
    "idempotency_key", "came_object", "iban", "movement_id", "code", "stop_code", "company_id",
}  # fmt: skip
# The same, where only the table says so.
_PLACES: Final = {
    "identity_user.email", "arrivals_mailbox.email",  # sign in
    "tenancy_domainclaim.name",  # a domain
    "payments_payment.reason", "payments_gatewayattempt.reason", "wallet_saving.reason",
    "disputes_invoicedispute.reason",  # words of a list
    "receivables_invoiceline.quantity", "receivables_invoiceline.unit_price",  # numbers
}  # fmt: skip


def put_everywhere(admin: psycopg.Connection, organization_id: UUID) -> int:
    """Write the strings over every text of people and of outside systems; return how many columns.

    ``admin`` sees past walls and fires no trigger, as if each text had been so from the beginning.
    Where a column is long enough several strings stand behind each other.
    """
    columns = 0
    for table, field in _texts():
        name = f"{table}.{field.attname}"
        strings = cycle(Random(name).sample(STRINGS, len(STRINGS)))
        names = {"table": sql.Identifier(table), "column": sql.Identifier(field.column)}
        find = "SELECT id, {column} FROM {table} WHERE organization_id = %s ORDER BY id"
        rows = admin.execute(sql.SQL(find).format(**names), [organization_id]).fetchall()
        for row, before in rows:
            change = sql.SQL("UPDATE {table} SET {column} = %s WHERE id = %s").format(**names)
            admin.execute(change, [_instead(field, before, strings), row])
        columns += bool(rows)
    return columns


def _texts() -> Iterator[tuple[str, models.Field[Any, Any]]]:
    for model in sorted(apps.get_models(), key=lambda each: each._meta.db_table):
        if not issubclass(model, OrganizationScoped) or model._meta.pk.name != "id":
            continue
        table = model._meta.db_table
        for field in model._meta.concrete_fields:
            words = field.get_internal_type() in {"CharField", "TextField"} and not field.choices
            long = (field.max_length or _SHORTEST) >= _SHORTEST
            is_code = field.attname in _CODE or _CODES.search(field.attname)
            if words and long and not is_code and f"{table}.{field.attname}" not in _PLACES:
                yield table, field
            if field.get_internal_type() == "JSONField":
                yield table, field


def _instead(field: models.Field[Any, Any], before: Any, strings: Iterator[str]) -> Any:
    if field.get_internal_type() == "JSONField":
        return Jsonb(_in_json(before, strings))
    return packed(strings, field.max_length or 2000)


def _in_json(value: Any, strings: Iterator[str]) -> Any:
    """A leaf with a space in it is somebody's words; any other is a code, an id or a number."""
    if isinstance(value, dict):
        return {name: _in_json(each, strings) for name, each in value.items()}
    if isinstance(value, list):
        return [_in_json(each, strings) for each in value]
    return packed(strings, 80) if isinstance(value, str) and " " in value else value


def packed(strings: Iterator[str], longest: int) -> str:
    """Return the next strings that fit into so many characters; those that do not are left out."""
    first = next(each for each in strings if len(each) <= longest)
    found, room = [first], longest - len(first)
    for _ in range(1 + longest // 40):
        more = next(strings)
        if len(more) < room:
            found.append(more)
            room -= len(more) + 1
    return " ".join(found)
