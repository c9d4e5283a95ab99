"""Keep which mails a person does not want."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import quittance.core.ids
import quittance.tenancy.scope
from quittance.tenancy.walls import RaiseWalls


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0004_profiles"),
        ("notifications", "0002_walls"),
        ("receivables", "0013_search_by_amount"),
        ("tenancy", "0004_currency_of_the_limit"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="account_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="message",
            name="withheld_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name="Unwanted",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                (
                    "topic",
                    models.CharField(
                        choices=[
                            ("receipts", "Receipts"),
                            ("reminders", "Reminders"),
                            ("files", "Files"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "customer_account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
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
                        on_delete=django.db.models.deletion.CASCADE,
                        to="identity.user",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("organization"),
                        models.F("user"),
                        models.F("customer_account"),
                        models.F("topic"),
                        name="unwanted_once",
                    )
                ],
            },
        ),
        RaiseWalls(unwanted="staff"),
    ]
