"""Know open credit, and what paying early takes off."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import quittance.core.ids
import quittance.tenancy.scope


class Migration(migrations.Migration):
    dependencies = [
        ("receivables", "0003_whose_invoices"),
        ("tenancy", "0002_walls"),
    ]

    operations = [
        migrations.AddField(
            model_name="invoice",
            name="discount_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="invoice",
            name="discount_until",
            field=models.DateField(null=True),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("discount_minor", 0),
                    models.Q(("discount_minor__gt", 0), ("discount_until__isnull", False)),
                    _connector="OR",
                ),
                name="invoice_discount_has_its_day",
            ),
        ),
        migrations.CreateModel(
            name="Credit",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("erp_id", models.CharField(max_length=64)),
                (
                    "kind",
                    models.CharField(
                        choices=[("credit_note", "Credit Note"), ("payment", "Payment")],
                        max_length=20,
                    ),
                ),
                ("number", models.CharField(db_collation="C", max_length=40)),
                ("issued_date", models.DateField()),
                ("currency", models.CharField(max_length=3)),
                ("total_minor", models.BigIntegerField()),
                ("open_minor", models.BigIntegerField()),
                ("version", models.BigIntegerField(default=1)),
                ("synced_at", models.DateTimeField()),
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
                        models.F("customer_account"),
                        models.F("issued_date"),
                        condition=models.Q(("open_minor__gt", 0)),
                        name="credit_open_by_account",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("organization"),
                        models.F("legal_entity"),
                        models.F("erp_id"),
                        name="credit_once_per_erp_id",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("open_minor__gte", 0), ("open_minor__lte", models.F("total_minor"))
                        ),
                        name="credit_within_its_total",
                    ),
                ],
            },
        ),
    ]
