"""Make the views anew: the same rows, each table read once."""

from __future__ import annotations

from django.db import migrations

from quittance.reconciliation.raising import RaiseInvariants


class Migration(migrations.Migration):
    dependencies = [
        ("reconciliation", "0009_cards_tried_and_kept_methods"),
        ("payments", "0014_attempts_with_other_money"),
    ]
    operations = [RaiseInvariants(of="a4ea913fdfa19952")]
