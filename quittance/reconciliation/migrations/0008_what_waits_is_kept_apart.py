"""Make the views anew: what waits for a decision has an account, and counts for the gateway."""

from __future__ import annotations

from django.db import migrations

from quittance.reconciliation.raising import RaiseInvariants


class Migration(migrations.Migration):
    dependencies = [
        ("reconciliation", "0007_refunds_apart"),
        ("payments", "0013_baskets_with_a_kept_method"),
    ]
    operations = [RaiseInvariants(of="b890193070e35b75")]
