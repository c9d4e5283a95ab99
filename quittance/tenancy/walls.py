"""The walls between organizations, and between customer accounts, as PostgreSQL keeps them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

# Written plainly, not as a sub-select: so the planner sees the value and uses the index (measured:
# four times slower the other way). Without a scope it is NULL, and nothing equals NULL.
ORGANIZATION = "{column} = nullif(current_setting('quittance.organization', true), '')::uuid"
# Sub-selects, on purpose: they are asked once for a query and not once for a row (counting 2,000
# rows: 0.5 ms instead of 1.3), and the planner takes them for an even chance and not for a rare
# one, so that it still sees that many rows come and walks an index in its order. The query itself
# names the customer account.
CUSTOMER = (
    "((SELECT coalesce(current_setting('quittance.customer_accounts', true), '') = '*')"
    " OR {column} = ANY((SELECT nullif(nullif("
    "current_setting('quittance.customer_accounts', true), '*'), '')::uuid[])::uuid[]))"
)

# Whose rows a table holds besides the organization's: a column's name, or one of these words.
EVERYBODY = "everybody"  # all of the organization's people may see it: its name, its look
STAFF = "staff"  # only staff and jobs see it; a buyer's act may add to it
_ACCOUNT = "customer_account_id"
ONLY_STAFF = "(SELECT coalesce(current_setting('quittance.customer_accounts', true), '') = '*')"


class RaiseWalls(Operation):
    """A migration's step: row security and composite references for tables just made.

    For every model named, with its ``wall``: row security, forced on the owner too; a policy on the
    organization, and one on the customer account or the staff; a unique key over (organization,
    id); and for each reference to another walled row a constraint over (organization, reference),
    because PostgreSQL checks simple references without row security. Rows that have a customer
    account refer to rows of the same account only, but for the fields that ``across`` names.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, across: Mapping[str, Collection[str]] | None = None, **walls: str) -> None:
        self.walls = walls
        self.across = across or {}

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, [], {"across": self.across, **self.walls})

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change nothing: the walls are the database's own."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        found = [
            (to_state.apps.get_model(app_label, name), wall) for name, wall in self.walls.items()
        ]
        for model, wall in found:
            for statement in _row_security(model._meta.db_table, wall):
                schema_editor.execute(statement, params=None)
        for model, _ in found:
            across = self.across.get(model._meta.model_name or "", ())
            for statement in _references(model, across):
                schema_editor.execute(statement, params=None)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for name in self.walls:
            table = from_state.apps.get_model(app_label, name)._meta.db_table
            schema_editor.execute(f"DROP POLICY organization_wall ON {table}", params=None)
            for policy in ("customer_wall", "staff_read", "staff_change", "staff_delete"):
                schema_editor.execute(f"DROP POLICY IF EXISTS {policy} ON {table}", params=None)
            schema_editor.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY", params=None)
            schema_editor.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY", params=None)

    def describe(self) -> str:
        return f"Raise walls around {', '.join(self.walls)}"


def _row_security(table: str, wall: str) -> list[str]:
    organization = ORGANIZATION.format(column="organization_id")
    statements = [
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_wall UNIQUE (organization_id, id)",
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        (
            f"CREATE POLICY organization_wall ON {table} USING ({organization})"
            f" WITH CHECK ({organization})"
        ),
    ]
    if wall == STAFF:
        statements += [
            f"CREATE POLICY {policy} ON {table} AS RESTRICTIVE FOR {verb} USING ({ONLY_STAFF})"
            for policy, verb in (
                ("staff_read", "SELECT"),
                ("staff_change", "UPDATE"),
                ("staff_delete", "DELETE"),
            )
        ]
    elif wall != EVERYBODY:
        customer = CUSTOMER.format(column=wall)
        if wall == _ACCOUNT:
            statements.append(
                f"ALTER TABLE {table} ADD CONSTRAINT {table}_customer_wall"
                f" UNIQUE (organization_id, {_ACCOUNT}, id)"
            )
        statements.append(
            f"CREATE POLICY customer_wall ON {table} AS RESTRICTIVE USING ({customer})"
            f" WITH CHECK ({customer})"
        )
    return statements


def _references(model: type[models.Model], across: Collection[str]) -> list[str]:
    table = model._meta.db_table
    statements = []
    for field in model._meta.get_fields():
        if not isinstance(field, models.ForeignKey) or getattr(field, "db_constraint", True):
            continue
        target = field.related_model._meta.db_table
        shared = "organization_id"
        if field.name not in across and _has_account(model) and _has_account(field.related_model):
            shared += f", {_ACCOUNT}"  # a payment of one customer never pays another's invoice
        statements.append(
            f"ALTER TABLE {table} ADD CONSTRAINT {table}_{field.column}_wall"
            f" FOREIGN KEY ({shared}, {field.column})"
            f" REFERENCES {target} ({shared}, id) DEFERRABLE INITIALLY DEFERRED"
        )
    return statements


def _has_account(model: type[models.Model]) -> bool:
    return any(field.column == _ACCOUNT for field in model._meta.concrete_fields)
