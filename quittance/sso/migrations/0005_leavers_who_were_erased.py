"""Keep leavers out who were erased, by a keyed hash of their address."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import quittance.core.ids
import quittance.tenancy.scope
from quittance.tenancy.walls import RaiseWalls


class Migration(migrations.Migration):
    dependencies = [
        ("sso", "0004_directories"),
        ("tenancy", "0006_the_first_end_counts"),
    ]

    operations = [
        migrations.AddField("identityprovider", "sealed_pepper", models.BinaryField(null=True)),
        migrations.CreateModel(
            name="KeptOut",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("mark", models.CharField(max_length=64)),
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
                    "provider",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="sso.identityprovider",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("organization"),
                        models.F("provider"),
                        models.F("mark"),
                        name="kept_out_once",
                    )
                ],
            },
        ),
        RaiseWalls(keptout="staff"),
    ]
