"""Let a seller greet, help, and say its texts otherwise in a language."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("branding", "0004_white_label"),
    ]

    operations = [
        migrations.AddField(
            model_name="brand",
            name="greeting",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
        migrations.AddField(
            model_name="brand",
            name="help_text",
            field=models.CharField(blank=True, db_default="", default="", max_length=300),
        ),
        migrations.AddField(
            model_name="brand",
            name="texts",
            field=models.JSONField(db_default={}, default=dict),
        ),
    ]
