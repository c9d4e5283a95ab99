"""Keep what a test of a connection found, and what the connection can do."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("connections", "0003_gateways_that_refuse_our_key")]
    operations = [
        migrations.AddField("erpconnection", "tested_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "erpconnection",
            "test_failure",
            models.CharField(blank=True, db_default="", max_length=1000),
        ),
        migrations.AddField(
            "erpconnection", "capabilities", models.JSONField(db_default=[], default=list)
        ),
        migrations.AddField("erpconnection", "capabilities_at", models.DateTimeField(null=True)),
        migrations.AddField("gatewayaccount", "tested_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "gatewayaccount",
            "test_failure",
            models.CharField(blank=True, db_default="", max_length=1000),
        ),
    ]
