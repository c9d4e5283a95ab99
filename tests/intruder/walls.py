"""What the application's own role sees of the tables, whatever a page asks."""

from __future__ import annotations

from django.apps import apps
from django.db import connection, transaction

from quittance.tenancy.models import OrganizationScoped
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import narrowed_to, working_for
from quittance.tenancy.walls import EVERYBODY, STAFF
from tests.intruder.world import World


def look(world: World) -> None:
    """Read every table with no scope, as one organization and as one customer."""
    seller = world.sellers[0]
    for model in apps.get_models():
        if not issubclass(model, OrganizationScoped):
            continue
        table, wall = model._meta.db_table, model.wall
        with transaction.atomic():
            if _count(table):
                world.findings.add("wall", table, "rows without a scope")
        with working_for(seller.id, actor="test"):
            with reading():
                if _count(table, "organization_id <> %s", seller.id):
                    world.findings.add("wall", table, "rows of another organization")
                if not _count(table):
                    world.findings.add("wall", table, "no row at all: this shows nothing")
            with narrowed_to([seller.accounts[0]]), reading():
                if wall == STAFF and _count(table):
                    world.findings.add("wall", table, "a buyer sees rows of the staff")
                if wall not in {EVERYBODY, STAFF} and _count(
                    table, f"{wall} <> %s", seller.accounts[0]
                ):
                    world.findings.add("wall", table, "a buyer sees rows of another customer")
    world.requests += 0


def _count(table: str, where: str = "true", *values: object) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table} WHERE {where}", values)
        row = cursor.fetchone()
    return int(row[0]) if row else 0
