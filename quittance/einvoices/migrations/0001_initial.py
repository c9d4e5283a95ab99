"""Keep which invoices can be had as e-invoices, and what is missing of the others."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import quittance.core.ids
import quittance.tenancy.scope
from quittance.tenancy.walls import RaiseWalls


def _reference(to, on_delete=django.db.models.deletion.PROTECT):
    return models.ForeignKey(db_constraint=False, db_index=False, on_delete=on_delete, to=to)


def _own():
    return [
        (
            "id",
            models.UUIDField(default=quittance.core.ids.new_id, primary_key=True, serialize=False),
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
    ]


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("receivables", "0014_only_a_search_takes_totals"),
        ("tenancy", "0005_domains"),
    ]

    operations = [
        migrations.CreateModel(
            name="EInvoiceCheck",
            fields=[
                *_own(),
                ("customer_account", _reference("receivables.customeraccount")),
                ("legal_entity", _reference("tenancy.legalentity")),
                (
                    "invoice",
                    _reference("receivables.invoice", django.db.models.deletion.CASCADE),
                ),
                ("version", models.CharField(blank=True, max_length=200)),
                ("is_whole", models.BooleanField()),
                ("broken", models.JSONField(default=list)),
                ("checked_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("organization"), models.F("invoice"), name="einvoice_check_once"
                    )
                ],
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.F("legal_entity"),
                        models.F("checked_at"),
                        name="einvoice_check_by_books",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="EInvoiceBooks",
            fields=[
                *_own(),
                ("legal_entity", _reference("tenancy.legalentity")),
                ("whole_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("organization"),
                        models.F("legal_entity"),
                        name="einvoice_books_once",
                    )
                ],
            },
        ),
        RaiseWalls(einvoicecheck="customer_account_id", einvoicebooks="everybody"),
    ]
