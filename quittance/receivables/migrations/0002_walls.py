"""Keep organizations and customer accounts apart."""

from __future__ import annotations

from django.db import migrations

from quittance.tenancy.walls import RaiseWalls


class Migration(migrations.Migration):
    dependencies = [
        ("receivables", "0001_initial"),
        ("tenancy", "0002_walls"),
        ("identity", "0002_walls"),
    ]
    operations = [
        RaiseWalls(
            customeraccount="id",
            contact="customer_account_id",
            invoice="customer_account_id",
            invoiceline="customer_account_id",
            synccursor="staff",
        ),
    ]
