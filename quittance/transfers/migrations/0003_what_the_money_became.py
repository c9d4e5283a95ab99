"""Let an announced transfer name the payment that its money became: its payer may see it."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

FORWARD = """
ALTER TABLE transfers_announcement ADD CONSTRAINT transfers_announcement_payment_id_wall
    FOREIGN KEY (organization_id, customer_account_id, payment_id)
    REFERENCES payments_payment (organization_id, customer_account_id, id)
    DEFERRABLE INITIALLY DEFERRED;
"""
BACKWARD = (
    "ALTER TABLE transfers_announcement DROP CONSTRAINT transfers_announcement_payment_id_wall;"
)


class Migration(migrations.Migration):
    dependencies = [
        ("transfers", "0002_walls_and_lives"),
        ("payments", "0009_lists_of_payments"),
    ]
    operations = [
        migrations.AddField(
            model_name="announcement",
            name="payment",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="payments.payment",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
