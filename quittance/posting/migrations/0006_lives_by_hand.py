"""Let a posting be done, or handled otherwise, by a person."""

from __future__ import annotations

from django.db import migrations

from quittance.audit.lives import guard_statuses

POSTING = {
    "queued": frozenset({"sending", "by_hand", "replaced"}),
    "sending": frozenset({"drafted", "posted", "unknown", "rejected", "queued"}),
    "unknown": frozenset({"sending", "drafted", "posted"}),
    "drafted": frozenset({"sending", "posted"}),
    "posted": frozenset({"confirmed"}),
    "rejected": frozenset({"queued", "handled", "replaced"}),
    "by_hand": frozenset({"confirmed", "handled"}),
    "handled": frozenset({"queued"}),
}


class Migration(migrations.Migration):
    dependencies = [
        ("posting", "0005_reversals_by_hand"),
        ("audit", "0002_statuses_are_guarded"),
    ]
    operations = [migrations.RunSQL(*guard_statuses("posting", "posting_erpposting", POSTING))]
