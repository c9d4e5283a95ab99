"""Keep what the ERP has taken off a disputed invoice, so that it is not held as well."""

from __future__ import annotations

from django.db import migrations, models

_ALIVE = models.Q(status__in=["open", "waiting", "accepted"])


class Migration(migrations.Migration):
    dependencies = [("disputes", "0002_walls_and_lives")]
    operations = [
        migrations.AddField(
            "invoicedispute", "fell_minor", models.BigIntegerField(default=0, db_default=0)
        ),
        migrations.RemoveIndex("invoicedispute", "invoice_dispute_alive"),
        migrations.AddIndex(
            "invoicedispute",
            models.Index(
                "organization", "customer_account", "invoice", name="invoice_dispute_alive",
                condition=_ALIVE,
                include=("currency", "amount_minor", "agreed_minor", "fell_minor", "status"),
            ),
        ),
    ]  # fmt: skip
