"""Take what the release before writes: during a deploy both run."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("posting", "0008_walls_and_lives"),
    ]

    operations = [
        migrations.AlterField(
            model_name="erpposting",
            name="customer_number",
            field=models.CharField(blank=True, db_default="", max_length=40),
        ),
        migrations.AlterField(
            model_name="erpposting",
            name="facts",
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.AlterField(
            model_name="erpposting",
            name="note",
            field=models.CharField(blank=True, db_default="", max_length=500),
        ),
        migrations.AlterField(
            model_name="erpposting",
            name="ordinal",
            field=models.PositiveSmallIntegerField(db_default=1, default=1),
        ),
        migrations.AlterField(
            model_name="erpposting",
            name="reverses",
            field=models.CharField(blank=True, db_default="", max_length=20),
        ),
        migrations.AlterField(
            model_name="erpposting",
            name="steps",
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.AlterField(
            model_name="erppostingline",
            name="credit_erp_id",
            field=models.CharField(blank=True, db_default="", max_length=64),
        ),
        migrations.AlterField(
            model_name="erppostingline",
            name="credit_number",
            field=models.CharField(blank=True, db_default="", max_length=40),
        ),
    ]
