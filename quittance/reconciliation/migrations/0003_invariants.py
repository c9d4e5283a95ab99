"""Make the views that are to be empty."""

from __future__ import annotations

from django.db import migrations

from quittance.reconciliation.raising import RaiseInvariants


class Migration(migrations.Migration):
    dependencies = [
        ("reconciliation", "0002_walls"),
        ("audit", "0002_statuses_are_guarded"),
        ("ledger", "0002_entries_balance_and_stay"),
        ("payments", "0007_what_came"),
        ("posting", "0006_lives_by_hand"),
        ("receivables", "0005_walls_of_credits"),
    ]
    operations = [RaiseInvariants(of="0673365a46745624")]
