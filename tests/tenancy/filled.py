"""An organization with a row in every walled table."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.apps import apps
from django.db import connection, models

from quittance.core.ids import new_id
from quittance.tenancy.models import Organization, OrganizationScoped
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import working_for

BY_THE_DATABASE = {"audit_statuschange", "audit_chainlink"}  # only triggers write them


@dataclass(frozen=True)
class Filled:
    """Ids of what was made. All rows belong to ``account_id`` but those called ``other_``."""

    organization_id: uuid.UUID
    account_id: uuid.UUID
    other_account_id: uuid.UUID
    other_invoice_id: uuid.UUID
    user_id: uuid.UUID
    payment_id: uuid.UUID
    rows: dict[str, uuid.UUID]

    def row_of(self, model: type[OrganizationScoped]) -> uuid.UUID:
        """The row of the first customer, or of the organization."""
        return self.rows[model._meta.db_table]

    def fingerprint(self, model: type[OrganizationScoped]) -> object:
        """All rows of a table, hashed by PostgreSQL."""
        with (
            working_for(self.organization_id, actor="test"),
            reading(),
            connection.cursor() as cursor,
        ):
            table = model._meta.db_table
            cursor.execute(
                f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY id)) FROM {table} t"
            )
            return cursor.fetchone()


def fill(name: str) -> Filled:
    """Make one row of everything, generically, parents first."""
    organization_id = new_id()
    made: dict[type[models.Model], models.Model] = {}
    with working_for(organization_id, actor="test"), writing():
        Organization.objects.create(pk=organization_id, name=name)
        for model in parents_first():
            if model._meta.db_table not in BY_THE_DATABASE:
                made[model] = _make(model, made)
        by_name = {model.__name__: row for model, row in made.items()}
        _again(by_name["LedgerEntry"], {"amount_minor": -1})  # the database wants a balance
        other = _again(by_name["CustomerAccount"], {"erp_id": "other"})
        other_invoice = _again(
            by_name["Invoice"], {"erp_id": "other", "customer_account_id": other.pk}
        )
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # so that events are chained
            cursor.execute("SELECT id FROM audit_statuschange LIMIT 1")
            (change,) = cursor.fetchone() or (None,)
    rows = {model._meta.db_table: row.pk for model, row in made.items()}
    return Filled(
        organization_id=organization_id,
        account_id=by_name["CustomerAccount"].pk,
        other_account_id=other.pk,
        other_invoice_id=other_invoice.pk,
        user_id=by_name["User"].pk,
        payment_id=by_name["Payment"].pk,
        rows=rows | {"audit_statuschange": change, "audit_chainlink": by_name["AuditEvent"].pk},
    )


def parents_first() -> list[type[OrganizationScoped]]:
    """Every walled table; what another refers to comes before it."""
    waiting = [model for model in apps.get_models() if issubclass(model, OrganizationScoped)]
    ordered: list[type[OrganizationScoped]] = []
    while waiting:
        for model in waiting:
            if all(target is model or target in ordered for target in _targets(model)):
                ordered.append(model)
                waiting.remove(model)
                break
    return ordered


def _targets(model: type[models.Model]) -> list[type[models.Model]]:
    fields = model._meta.concrete_fields
    found = [field.related_model for field in fields if field.is_relation]
    if any(field.attname == "customer_account_id" for field in fields):
        found.append(apps.get_model("receivables", "CustomerAccount"))
    return [
        target
        for target in found
        if isinstance(target, type) and issubclass(target, OrganizationScoped)
    ]


def _make(
    model: type[OrganizationScoped], made: dict[type[models.Model], models.Model]
) -> models.Model:
    values = {
        field.attname: _value(field, model, made)
        for field in model._meta.concrete_fields
        if field.name not in {"id", "organization"} and not field.has_default()
    }
    rows: models.Manager[OrganizationScoped] = model.objects
    return rows.create(**{key: value for key, value in values.items() if value is not None})


def _value(
    field: models.Field[object, object],
    model: type[models.Model],
    made: dict[type[models.Model], models.Model],
) -> object:
    if field.attname in {"decided_by_id", "decided_for_id"}:  # never who asked; nobody yet
        return None
    if field.attname == "deputy_id":  # another person than the approver
        (user,) = (row for key, row in made.items() if key.__name__ == "User")
        return _again(user, {"email": "deputy@b.example"}).pk
    if field.is_relation:
        return made[field.related_model].pk  # type: ignore[index]
    if field.attname == "customer_account_id":
        return next(row.pk for key, row in made.items() if key.__name__ == "CustomerAccount")
    if field.null:
        return None
    if field.choices:
        return next(iter(dict(field.flatchoices)))
    simple: dict[str, object] = {
        "TextField": "text",
        "UUIDField": new_id(),
        "DateField": date(2026, 3, 1),
        "DateTimeField": datetime(2026, 3, 1, tzinfo=UTC),
        "BinaryField": b"sealed",
        "JSONField": {},
        "BooleanField": False,
    }
    kind = field.get_internal_type()
    if kind == "CharField":
        return _text(field)
    if field.attname == "expires_at":
        return datetime(2099, 3, 1, tzinfo=UTC)
    return 0 if field.attname == "in_flight_seen_minor" else simple.get(kind, 1)


def _text(field: models.Field[object, object]) -> str:
    if field.attname in {"webhook_path", "hint_path"}:
        return new_id().hex
    words = {"currency": "USD", "email": "a@b.example", "accent": "#112233", "erp_status": "open",
             "iban": ""}  # fmt: skip
    return words.get(field.attname, "x")


def _again(row: models.Model, changes: dict[str, object]) -> models.Model:
    """A second row like the first."""
    values = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.attname != "id"
    }
    manager = type(row)._default_manager
    return manager.create(**{**values, **changes})
