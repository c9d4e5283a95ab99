"""Keep what else a gateway was asked with: a kept method to charge, or a consent to keep one."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0011_our_word")]
    operations = [
        migrations.AddField("gatewayattempt", "asked_with", models.JSONField(null=True)),
        migrations.AddField("gatewayattempt", "kept_method_id", models.UUIDField(null=True)),
        migrations.AddField("gatewayattempt", "method_kept_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "gatewayattempt",
            "started_by",
            models.CharField(max_length=10, default="payer", db_default="payer"),
        ),
    ]
