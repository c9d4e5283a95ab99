"""Know why an invoice that is owed cannot be paid here."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("receivables", "0007_how_the_mirror_is_kept"),
    ]

    operations = [
        migrations.AddField(
            model_name="customeraccount",
            name="pays_only",
            field=models.CharField(blank=True, db_default="", default="", max_length=3),
        ),
        migrations.AddField(
            model_name="invoice",
            name="hindrance",
            field=models.CharField(blank=True, db_default="", default="", max_length=20),
        ),
    ]
