"""Keep when our word was said to a gateway that waits for it, and when a payment was given up."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0010_baskets_choose_their_gateway")]
    operations = [
        migrations.AddField("gatewayattempt", "given_up_at", models.DateTimeField(null=True)),
        migrations.AddField("gatewayattempt", "word_at", models.DateTimeField(null=True)),
    ]
