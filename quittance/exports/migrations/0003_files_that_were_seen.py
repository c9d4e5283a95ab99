"""Keep that a file was seen ready."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("exports", "0002_walls"),
    ]

    operations = [
        migrations.AddField(
            model_name="bundle",
            name="seen_at",
            field=models.DateTimeField(null=True),
        ),
    ]
