"""Find an invoice by its amount, or by what is left of it, along an index."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("receivables", "0012_orders_and_credits_by_account"),
        ("tenancy", "0004_currency_of_the_limit"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(
                models.F("organization"),
                models.F("customer_account"),
                models.F("total_minor"),
                name="invoice_by_total",
            ),
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(
                models.F("organization"),
                models.F("customer_account"),
                models.F("open_minor"),
                condition=models.Q(
                    ("open_minor__gt", 0),
                    models.Q(("open_minor", models.F("total_minor")), _negated=True),
                ),
                name="invoice_by_what_is_left",
            ),
        ),
    ]
