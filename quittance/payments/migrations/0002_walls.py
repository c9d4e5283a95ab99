"""Keep organizations and customer accounts apart."""

from __future__ import annotations

from django.db import migrations

from quittance.tenancy.walls import RaiseWalls


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0001_initial"),
        ("tenancy", "0002_walls"),
        ("receivables", "0002_walls"),
        ("connections", "0002_walls"),
    ]
    operations = [
        RaiseWalls(
            basket="customer_account_id",
            basketitem="customer_account_id",
            payment="customer_account_id",
            allocation="customer_account_id",
            gatewayattempt="customer_account_id",
            gatewaymessage="staff",
        ),
    ]
