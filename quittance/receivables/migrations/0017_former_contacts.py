"""Remember who acted for an account, so that who was removed does not come back by himself."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import quittance.core.ids
import quittance.tenancy.scope
from quittance.tenancy.walls import RaiseWalls


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0006_second_factors"),
        ("receivables", "0016_somebody_administers"),
        ("tenancy", "0005_domains"),
    ]

    operations = [
        migrations.CreateModel(
            name="FormerContact",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("left_at", models.DateTimeField()),
                ("by_team", models.BooleanField()),
                ("limit_minor", models.BigIntegerField(null=True)),
                (
                    "limit_currency",
                    models.CharField(blank=True, db_default="", default="", max_length=3),
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
                        name="former_contact_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("limit_currency", ""), ("limit_minor", None)),
                            models.Q(
                                ("by_team", False),
                                ("limit_currency__regex", "^[A-Z]{3}$"),
                                ("limit_minor__gt", 0),
                                ("limit_minor__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="former_contact_limit",
                    ),
                ],
            },
        ),
        RaiseWalls(formercontact="customer_account_id"),
    ]
