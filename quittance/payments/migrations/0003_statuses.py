"""Let the database keep the life cycles."""

from __future__ import annotations

from django.db import migrations

from quittance.audit.lives import guard_statuses

# Spelled out on purpose: a migration is history and does not follow later changes of the code. A
# test compares what the database keeps with the tables in transitions.py.
PAYMENT = {
    "created": frozenset({"in_flight", "cancelled"}),
    "in_flight": frozenset({"succeeded", "failed", "cancelled"}),
}
ATTEMPT = {
    "prepared": frozenset({"sent", "cancelled"}),
    "sent": frozenset({"unknown", "open", "processing", "succeeded", "failed", "surplus"}),
    "unknown": frozenset({"open", "processing", "succeeded", "failed", "cancelled", "surplus"}),
    "open": frozenset({"sent", "processing", "succeeded", "failed", "cancelled", "surplus"}),
    "processing": frozenset({"succeeded", "failed", "cancelled", "surplus"}),
    "failed": frozenset({"surplus"}),
    "cancelled": frozenset({"surplus"}),
}
ALLOCATION = {
    "reserved": frozenset({"consumed", "released"}),
    "consumed": frozenset({"reflected"}),
}


class Migration(migrations.Migration):
    dependencies = [("payments", "0002_walls"), ("audit", "0002_statuses_are_guarded")]
    operations = [
        migrations.RunSQL(*guard_statuses("payment", "payments_payment", PAYMENT)),
        migrations.RunSQL(*guard_statuses("attempt", "payments_gatewayattempt", ATTEMPT)),
        migrations.RunSQL(*guard_statuses("allocation", "payments_allocation", ALLOCATION)),
    ]
