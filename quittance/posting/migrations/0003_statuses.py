"""Let the database keep the life cycles."""

from __future__ import annotations

from django.db import migrations

from quittance.audit.lives import guard_statuses

# Spelled out on purpose: a migration is history and does not follow later changes of the code. A
# test compares what the database keeps with the tables in transitions.py.
POSTING = {
    "queued": frozenset({"sending"}),
    "sending": frozenset({"drafted", "posted", "unknown", "rejected", "queued"}),
    "unknown": frozenset({"sending", "drafted", "posted"}),
    "drafted": frozenset({"sending", "posted"}),
    "posted": frozenset({"confirmed"}),
    "rejected": frozenset({"queued"}),
}


class Migration(migrations.Migration):
    dependencies = [("posting", "0002_walls"), ("audit", "0002_statuses_are_guarded")]
    operations = [
        migrations.RunSQL(*guard_statuses("posting", "posting_erpposting", POSTING)),
    ]
