"""Visits of staff to the portal, behind walls."""

from __future__ import annotations

import datetime as dt

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import quittance.core.ids
import quittance.tenancy.scope
from quittance.tenancy.walls import RaiseWalls


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0007_sessions_that_must_enrol"),
        ("receivables", "0017_former_contacts"),
        ("tenancy", "0006_the_first_end_counts"),
    ]

    operations = [
        migrations.CreateModel(
            name="Visit",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("sign_in_id", models.UUIDField()),
                ("token_hash", models.CharField(max_length=64)),
                ("reason", models.CharField(max_length=200)),
                ("ticket", models.CharField(blank=True, max_length=60)),
                ("began_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "ended",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Not Yet"),
                            ("person", "By Person"),
                            ("next", "By Next"),
                            ("time", "By Time"),
                        ],
                        db_default="",
                        default="",
                        max_length=10,
                    ),
                ),
                (
                    "customer_account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
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
                        related_name="+",
                        to="identity.user",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.F("customer_account"),
                        models.F("began_at"),
                        name="visits_of_customer",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("began_at"),
                        models.F("id"),
                        name="visits_by_time",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("organization"),
                        models.F("token_hash"),
                        name="visit_once_per_token",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at__gte", models.F("began_at")),
                            (
                                "ends_at__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("began_at"),
                                    "+",
                                    models.Value(dt.timedelta(seconds=1800)),
                                ),
                            ),
                        ),
                        name="visit_is_short",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended", ""), ("ended_at", None)),
                            models.Q(
                                ("ended_at__isnull", False), models.Q(("ended", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="visit_ended_somehow",
                    ),
                ],
            },
        ),
        RaiseWalls(visit="staff"),
    ]
