"""Make the views anew: what a bank gives back of a return has a movement of its own name."""

from __future__ import annotations

from django.db import migrations

from quittance.reconciliation.raising import RaiseInvariants


class Migration(migrations.Migration):
    dependencies = [("reconciliation", "0011_returns_given_back")]
    operations = [RaiseInvariants(of="4fd5df0a41af270e")]
