"""Keep the index of totals for searches: others walk what is open by an index of its own."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("receivables", "0013_search_by_amount"),
        ("tenancy", "0004_currency_of_the_limit"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="invoice",
            name="invoice_by_total",
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(
                models.F("organization"),
                models.F("customer_account"),
                models.F("total_minor"),
                condition=models.Q(("total_minor__gt", 0)),
                name="invoice_by_total",
            ),
        ),
    ]
