"""Let a basket hold invoices of several accounts, and one follow another."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0002_walls"),
        ("payments", "0005_walls_and_lives_of_reversals"),
        ("receivables", "0005_walls_of_credits"),
        ("tenancy", "0002_walls"),
    ]

    operations = [
        migrations.AddField(
            model_name="basket",
            name="account_ids",
            field=models.JSONField(db_default=models.Value([], models.JSONField()), default=list),
        ),
        migrations.AddField(
            model_name="basket",
            name="follows",
            field=models.UUIDField(null=True),
        ),
        migrations.AlterField(
            model_name="payment",
            name="idempotency_key",
            field=models.CharField(max_length=100),
        ),
        migrations.AddIndex(
            model_name="basket",
            index=models.Index(
                models.F("organization"),
                models.F("follows"),
                condition=models.Q(("follows__isnull", False)),
                name="basket_that_follows",
            ),
        ),
    ]
