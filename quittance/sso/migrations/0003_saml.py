"""Keep questions to SAML providers until they are answered, and what was shown once."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import quittance.core.ids
import quittance.tenancy.scope
from quittance.tenancy.walls import RaiseWalls


class Migration(migrations.Migration):
    dependencies = [
        ("sso", "0002_leavers"),
        ("tenancy", "0006_the_first_end_counts"),
    ]

    operations = [
        migrations.CreateModel(
            name="SamlQuestion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("question_id", models.CharField(max_length=64)),
                ("relay_hash", models.CharField(max_length=64)),
                ("asked_at", models.DateTimeField()),
                ("answer", models.BinaryField(default=b"")),
                ("answered_at", models.DateTimeField(null=True)),
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
                        models.F("organization"), models.F("relay_hash"), name="saml_question_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SeenAssertion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("id_hash", models.CharField(max_length=64)),
                ("until", models.DateTimeField()),
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
                        models.F("id_hash"),
                        name="assertion_once",
                    )
                ],
            },
        ),
        RaiseWalls(samlquestion="staff", seenassertion="staff"),
    ]
