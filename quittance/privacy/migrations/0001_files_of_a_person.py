"""Files of what is kept of a person, behind walls."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import quittance.core.ids
import quittance.tenancy.scope
from quittance.tenancy.walls import RaiseWalls


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0008_people_who_are_erased"),
        ("tenancy", "0006_the_first_end_counts"),
    ]

    operations = [
        migrations.CreateModel(
            name="PersonFile",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField()),
                ("whole", models.PositiveSmallIntegerField()),
                ("done", models.PositiveSmallIntegerField(default=0)),
                ("content", models.BinaryField(null=True)),
                ("size_bytes", models.PositiveIntegerField(default=0)),
                (
                    "about",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.user",
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.user",
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
                        models.F("asked_by"),
                        models.F("created_at"),
                        name="person_file_by_asker",
                    ),
                    models.Index(
                        models.F("organization"), models.F("about"), name="person_file_about"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("done__lte", models.F("whole"))),
                        name="person_file_goes_on_to_its_end",
                    )
                ],
            },
        ),
        RaiseWalls(personfile="staff"),
    ]
