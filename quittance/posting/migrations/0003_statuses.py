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
# What the ERP is told is fixed when the posting is made: every repeat must say the same.
LINES_ARE_FIXED = """
CREATE TRIGGER is_forever BEFORE UPDATE OR DELETE OR TRUNCATE ON posting_erppostingline
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_forever();
"""
LINES_ARE_FREE = "DROP TRIGGER is_forever ON posting_erppostingline;"


class Migration(migrations.Migration):
    dependencies = [("posting", "0002_walls"), ("audit", "0002_statuses_are_guarded")]
    operations = [
        migrations.RunSQL(*guard_statuses("posting", "posting_erpposting", POSTING)),
        migrations.RunSQL(LINES_ARE_FIXED, LINES_ARE_FREE),
    ]
