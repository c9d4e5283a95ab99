"""Make the views anew: refunds of ours and refunds made at the gateway are counted apart."""

from __future__ import annotations

from django.db import migrations

from quittance.reconciliation.raising import RaiseInvariants


class Migration(migrations.Migration):
    dependencies = [
        ("reconciliation", "0006_faster_views"),
    ]
    operations = [RaiseInvariants(of="5a0fd8fa43f8c1eb")]
