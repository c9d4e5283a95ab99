"""Keep when all rules about money were looked at last."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import quittance.core.ids
import quittance.tenancy.scope
from quittance.tenancy.walls import RaiseWalls


class Migration(migrations.Migration):
    dependencies = [
        ("reconciliation", "0012_given_back_is_recorded"),
        ("tenancy", "0006_the_first_end_counts"),
    ]

    operations = [
        migrations.CreateModel(
            name="Look",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("looked_at", models.DateTimeField()),
                ("unanswered", models.PositiveSmallIntegerField(default=0)),
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
                "constraints": [models.UniqueConstraint(models.F("organization"), name="look_one")],
            },
        ),
        RaiseWalls(look="staff"),
    ]
