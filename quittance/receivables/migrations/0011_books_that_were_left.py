"""Know which customers are of books that a connection was led away from; count hindered invoices."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("receivables", "0010_invoices_refer_once"),
    ]

    operations = [
        migrations.AddField(
            model_name="customeraccount",
            name="gone_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RemoveIndex(model_name="invoice", name="invoice_open_by_due_date"),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(
                models.F("organization"),
                models.F("customer_account"),
                models.F("due_date"),
                models.F("id"),
                name="invoice_open_by_due_date",
                condition=models.Q(("erp_status", "open")),
                include=("currency", "open_minor", "hindrance"),
            ),
        ),
    ]
