"""Keep statements that somebody asked for as a file, behind the walls of files."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import quittance.core.ids
import quittance.tenancy.scope
from quittance.tenancy.walls import ONLY_STAFF, RaiseWalls

# As for other files (0002_walls): a buyer's act says whose it is.
_OWN = (
    f"({ONLY_STAFF} OR user_id::text ="
    " (SELECT substr(current_setting('quittance.actor', true), length('user:') + 1)))"
)
_TABLE = "exports_statementfile"
OWN_WALL = f"CREATE POLICY own_wall ON {_TABLE} AS RESTRICTIVE USING {_OWN} WITH CHECK {_OWN};"
NO_WALL = f"DROP POLICY own_wall ON {_TABLE};"


class Migration(migrations.Migration):
    dependencies = [
        ("exports", "0003_files_that_were_seen"),
        ("identity", "0007_sessions_that_must_enrol"),
        ("receivables", "0017_former_contacts"),
        ("tenancy", "0006_the_first_end_counts"),
    ]

    operations = [
        migrations.CreateModel(
            name="StatementFile",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                (
                    "form",
                    models.CharField(
                        choices=[("pdf", "Pdf"), ("csv", "Csv"), ("xlsx", "Xlsx")], max_length=4
                    ),
                ),
                ("since", models.DateField(null=True)),
                ("until", models.DateField()),
                ("currency", models.CharField(max_length=3)),
                ("language", models.CharField(max_length=10)),
                ("locale", models.CharField(max_length=20)),
                ("site", models.CharField(max_length=253)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField(null=True)),
                ("entries", models.PositiveIntegerField(default=0)),
                ("lines", models.PositiveIntegerField(default=0)),
                ("fingerprint", models.CharField(blank=True, default="", max_length=64)),
                ("content", models.BinaryField(null=True)),
                ("size_bytes", models.PositiveIntegerField(default=0)),
                (
                    "failure",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "None"),
                            ("unavailable", "Unavailable"),
                            ("refused", "Refused"),
                            ("no_ledger", "No Ledger"),
                            ("too_long", "Too Long"),
                        ],
                        default="",
                        max_length=20,
                    ),
                ),
                (
                    "customer_account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="receivables.customeraccount",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        default=quittance.tenancy.scope.current_organization_id,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.organization",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="identity.user",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.F("user"),
                        models.F("created_at"),
                        name="statement_file_by_user",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("expires_at"),
                        name="statement_file_by_end",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("content__isnull", True), ("failure", ""), _connector="OR"
                        ),
                        name="statement_file_is_here_or_failed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("content__isnull", True),
                            models.Q(("fingerprint", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="statement_file_here_has_a_fingerprint",
                    ),
                ],
            },
        ),
        RaiseWalls(statementfile="customer_account_id"),
        migrations.RunSQL(OWN_WALL, NO_WALL),
    ]
