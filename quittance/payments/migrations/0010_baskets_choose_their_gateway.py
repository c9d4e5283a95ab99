"""Keep through which gateway account a checkout is to be paid."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0009_lists_of_payments")]
    operations = [
        migrations.AddField("basket", "gateway_account_id", models.UUIDField(null=True)),
    ]
