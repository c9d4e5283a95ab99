"""Keep organizations and customer accounts apart."""

from __future__ import annotations

from django.db import migrations

from quittance.tenancy.walls import RaiseWalls


class Migration(migrations.Migration):
    dependencies = [("connections", "0001_initial"), ("tenancy", "0002_walls")]
    operations = [
        RaiseWalls(erpconnection="staff", gatewayaccount="staff"),
    ]
