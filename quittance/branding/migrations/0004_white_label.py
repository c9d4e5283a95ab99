"""Sender, footer, links; and how a brand was before."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import quittance.core.ids
import quittance.tenancy.scope
from quittance.tenancy.walls import RaiseWalls


class Migration(migrations.Migration):
    dependencies = [
        ("branding", "0003_languages"),
        ("tenancy", "0004_currency_of_the_limit"),
    ]

    operations = [
        migrations.AddField(
            model_name="brand",
            name="footer",
            field=models.CharField(blank=True, db_default="", default="", max_length=300),
        ),
        migrations.AddField(
            model_name="brand",
            name="links",
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.AddField(
            model_name="brand",
            name="names_product",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="brand",
            name="reply_to",
            field=models.CharField(blank=True, db_default="", default="", max_length=254),
        ),
        migrations.AddField(
            model_name="brand",
            name="sender_name",
            field=models.CharField(blank=True, db_default="", default="", max_length=100),
        ),
        migrations.CreateModel(
            name="BrandVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("settings", models.JSONField(default=dict)),
                ("logo_light", models.BinaryField(null=True)),
                ("logo_dark", models.BinaryField(null=True)),
                ("logo_type", models.CharField(blank=True, max_length=20)),
                ("logo_width", models.PositiveSmallIntegerField(default=0)),
                ("replaced_at", models.DateTimeField()),
                ("replaced_by", models.CharField(max_length=100)),
                ("changed", models.CharField(max_length=300)),
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
                "constraints": [
                    models.UniqueConstraint(
                        models.F("organization"),
                        models.F("number"),
                        name="brand_version_once_per_number",
                    )
                ],
            },
        ),
        RaiseWalls(brandversion="staff"),
    ]
