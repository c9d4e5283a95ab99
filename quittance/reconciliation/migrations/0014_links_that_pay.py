"""Make the views anew: pay links that were slowed down, and payments of links that were revoked."""

from __future__ import annotations

from django.db import migrations

from quittance.reconciliation.raising import RaiseInvariants


class Migration(migrations.Migration):
    dependencies = [
        ("reconciliation", "0013_look"),
        ("paylinks", "0002_walls"),
        ("payments", "0015_guests_with_a_pay_link"),
    ]
    operations = [RaiseInvariants(of="eba1a9984f42f116")]
