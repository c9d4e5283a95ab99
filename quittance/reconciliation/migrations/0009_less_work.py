"""Make the views anew: the same rows, each table read once."""

from __future__ import annotations

from django.db import migrations

from quittance.reconciliation.raising import RaiseInvariants


class Migration(migrations.Migration):
    dependencies = [
        ("reconciliation", "0008_what_waits_is_kept_apart"),
        ("payments", "0014_attempts_with_other_money"),
    ]
    operations = [RaiseInvariants(of="bfbe3dfc8cf526f3")]
