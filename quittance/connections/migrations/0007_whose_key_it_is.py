"""Keep which account of the gateway a gateway account is."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("connections", "0006_walls_around_rules")]
    operations = [
        migrations.AddField(
            "gatewayaccount", "own_id", models.CharField(blank=True, db_default="", max_length=200)
        ),
    ]
