"""Make the views anew: who tries cards, and kept ways to pay that need a person, have some."""

from __future__ import annotations

from django.db import migrations

from quittance.reconciliation.raising import RaiseInvariants


class Migration(migrations.Migration):
    dependencies = [
        ("reconciliation", "0008_what_waits_is_kept_apart"),
        ("wallet", "0006_codes_of_banks"),
        ("audit", "0004_events_by_what"),
        ("connections", "0009_walls_around_ways_to_pay"),
    ]
    operations = [RaiseInvariants(of="1592d2bf86c1e307")]
