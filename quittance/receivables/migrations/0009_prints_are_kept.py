"""Keep prints of invoices, each for its own customer account."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import quittance.core.ids
import quittance.tenancy.scope
from quittance.tenancy.walls import RaiseWalls


class Migration(migrations.Migration):
    dependencies = [
        ("receivables", "0008_what_hinders_a_payment"),
        ("tenancy", "0004_currency_of_the_limit"),
    ]

    operations = [
        migrations.CreateModel(
            name="InvoicePdf",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("version", models.CharField(db_collation="C", max_length=200)),
                ("content", models.BinaryField()),
                ("size_bytes", models.IntegerField()),
                ("used_at", models.DateTimeField()),
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
                    "invoice",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="receivables.invoice",
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
                        models.F("organization"), models.F("used_at"), name="invoice_pdf_by_use"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("organization"), models.F("invoice"), name="invoice_pdf_once"
                    )
                ],
            },
        ),
        RaiseWalls(invoicepdf="customer_account_id"),
    ]
