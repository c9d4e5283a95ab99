"""Count how often a gateway did not accept our key, so that it is not asked for a while."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("connections", "0002_walls")]
    operations = [
        migrations.AddField(
            "gatewayaccount", "refusals", models.PositiveIntegerField(default=0, db_default=0)
        ),
        migrations.AddField("gatewayaccount", "shut_until", models.DateTimeField(null=True)),
    ]
