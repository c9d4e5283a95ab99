"""Make the views anew: pages on which people pay that are not as the inventory says."""

from __future__ import annotations

from django.db import migrations

from quittance.reconciliation.raising import RaiseInvariants


class Migration(migrations.Migration):
    dependencies = [("reconciliation", "0014_links_that_pay")]
    operations = [RaiseInvariants(of="987e526f6441932d")]
