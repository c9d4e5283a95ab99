"""Let the planner know that a customer account belongs to one organization.

Without it, it multiplies the two chances, expects a handful of rows of a customer who has thousands,
and reads and sorts them all for the first fifty (measured: 3.1 ms instead of 0.1).
"""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("receivables", "0002_walls")]
    operations = [
        migrations.RunSQL(
            "CREATE STATISTICS receivables_invoice_whose (ndistinct, dependencies, mcv)"
            " ON organization_id, customer_account_id, erp_status FROM receivables_invoice",
            "DROP STATISTICS receivables_invoice_whose",
        ),
    ]
