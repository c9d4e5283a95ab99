"""Keep organizations and customer accounts apart."""

from __future__ import annotations

from django.db import migrations

from quittance.tenancy.walls import RaiseWalls


class Migration(migrations.Migration):
    dependencies = [
        ("paylinks", "0001_initial"),
        ("tenancy", "0002_walls"),
        ("identity", "0002_walls"),
        ("receivables", "0002_walls"),
    ]
    operations = [
        RaiseWalls(paylink="customer_account_id", paylinkinvoice="customer_account_id"),
    ]
