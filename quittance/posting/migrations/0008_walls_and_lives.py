"""Keep gates and corrections for the staff; let what is done by hand be replaced."""

from __future__ import annotations

from django.db import migrations

from quittance.audit.lives import guard_statuses
from quittance.tenancy.walls import RaiseWalls

POSTING = {
    "queued": frozenset({"sending", "by_hand", "replaced"}),
    "sending": frozenset({"drafted", "posted", "unknown", "rejected", "queued"}),
    "unknown": frozenset({"sending", "drafted", "posted"}),
    "drafted": frozenset({"sending", "posted"}),
    "posted": frozenset({"confirmed"}),
    "rejected": frozenset({"queued", "handled", "replaced"}),
    "by_hand": frozenset({"confirmed", "handled", "replaced"}),
    "handled": frozenset({"queued"}),
}


class Migration(migrations.Migration):
    dependencies = [
        ("posting", "0007_gates_and_second_persons"),
        ("audit", "0002_statuses_are_guarded"),
    ]
    operations = [
        RaiseWalls(postinggate="staff", correction="staff"),
        migrations.RunSQL(*guard_statuses("posting", "posting_erpposting", POSTING)),
    ]
