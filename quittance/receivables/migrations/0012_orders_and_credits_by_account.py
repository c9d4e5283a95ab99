"""Find an order's invoices, and all credits of an account, along an index."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("receivables", "0011_books_that_were_left"),
        ("tenancy", "0004_currency_of_the_limit"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="credit",
            index=models.Index(
                models.F("organization"),
                models.F("customer_account"),
                models.F("issued_date"),
                models.F("id"),
                name="credit_by_account",
            ),
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(
                models.F("organization"),
                models.F("customer_account"),
                models.F("order_number"),
                condition=models.Q(("order_number", ""), _negated=True),
                name="invoice_by_sales_order",
            ),
        ),
    ]
