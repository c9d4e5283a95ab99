from __future__ import annotations

from django.db import migrations

from quittance.tenancy.walls import ONLY_STAFF, RaiseWalls

# A buyer's act says whose it is: "user:<id>". Who else acts for the same customer sees nothing.
_OWN = (
    f"({ONLY_STAFF} OR user_id::text ="
    " (SELECT substr(current_setting('quittance.actor', true), length('user:') + 1)))"
)
_TABLES = ("exports_bundle", "exports_bundledocument")
OWN_WALL = "".join(
    f"CREATE POLICY own_wall ON {table} AS RESTRICTIVE USING {_OWN} WITH CHECK {_OWN};"
    for table in _TABLES
)
NO_WALL = "".join(f"DROP POLICY own_wall ON {table};" for table in _TABLES)


class Migration(migrations.Migration):
    dependencies = [
        ("exports", "0001_initial"),
        ("receivables", "0012_orders_and_credits_by_account"),
        ("identity", "0002_walls"),
        ("tenancy", "0002_walls"),
    ]
    operations = [
        RaiseWalls(
            across={"bundledocument": ["bundle"]},
            bundle="customer_account_id",
            bundledocument="customer_account_id",
        ),
        migrations.RunSQL(OWN_WALL, NO_WALL),
    ]
