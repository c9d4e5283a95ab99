"""Know parts of a first reading, full comparisons, the ERP's promises, and what is gone."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import quittance.core.ids
import quittance.tenancy.scope
from quittance.tenancy.walls import RaiseWalls


class Migration(migrations.Migration):
    dependencies = [
        ("receivables", "0006_credits_are_read"),
        ("tenancy", "0004_currency_of_the_limit"),
    ]

    operations = [
        migrations.AddField(
            model_name="invoice",
            name="gone_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="synccursor",
            name="expected_records",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="synccursor",
            name="run_began_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="synccursor",
            name="run_page_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="synccursor",
            name="run_records",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.CreateModel(
            name="Comparison",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("running", "Running"), ("done", "Done"), ("held", "Held")],
                        default="running",
                        max_length=10,
                    ),
                ),
                ("cursor", models.TextField(blank=True)),
                ("reached_at", models.DateTimeField(null=True)),
                ("ledger_position", models.TextField(blank=True)),
                ("began_at", models.DateTimeField()),
                ("page_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("rows", models.BigIntegerField(default=0)),
                ("expected_rows", models.BigIntegerField(null=True)),
                ("missing", models.BigIntegerField(default=0)),
                ("changed", models.BigIntegerField(default=0)),
                ("deleted", models.BigIntegerField(default=0)),
                ("meanwhile", models.BigIntegerField(default=0)),
                ("findings", models.JSONField(default=list)),
                ("suspects", models.JSONField(default=list)),
                (
                    "legal_entity",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="tenancy.legalentity",
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
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.F("legal_entity"),
                        models.F("began_at"),
                        name="comparison_latest",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="HintSubscription",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("resource", models.CharField(max_length=40)),
                ("erp_id", models.CharField(max_length=200)),
                ("expires_at", models.DateTimeField()),
                ("checked_at", models.DateTimeField()),
                ("lost_at", models.DateTimeField(null=True)),
                (
                    "legal_entity",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="tenancy.legalentity",
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
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("organization"),
                        models.F("legal_entity"),
                        models.F("resource"),
                        name="hint_subscription_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SyncPart",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                (
                    "stream",
                    models.CharField(
                        choices=[
                            ("customers", "Customers"),
                            ("invoices", "Invoices"),
                            ("open_invoices", "Open Invoices"),
                            ("credits", "Credits"),
                        ],
                        max_length=20,
                    ),
                ),
                ("place", models.PositiveSmallIntegerField()),
                ("cursor", models.TextField()),
                ("is_done", models.BooleanField(default=False)),
                (
                    "legal_entity",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="tenancy.legalentity",
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
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("organization"),
                        models.F("legal_entity"),
                        models.F("stream"),
                        models.F("place"),
                        name="sync_part_once",
                    )
                ],
            },
        ),
        RaiseWalls(comparison="staff", hintsubscription="staff", syncpart="staff"),
    ]
