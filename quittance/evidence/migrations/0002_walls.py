"""Keep organizations apart, and anchors as they were dropped."""

from __future__ import annotations

from django.db import migrations

from quittance.tenancy.walls import RaiseWalls

FIXED = """
CREATE TRIGGER is_forever BEFORE UPDATE OR DELETE OR TRUNCATE ON evidence_anchor
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_forever();
"""
FREE = "DROP TRIGGER is_forever ON evidence_anchor;"


class Migration(migrations.Migration):
    dependencies = [
        ("evidence", "0001_initial"),
        ("audit", "0002_statuses_are_guarded"),
        ("tenancy", "0002_walls"),
    ]
    operations = [RaiseWalls(anchor="staff"), migrations.RunSQL(FIXED, FREE)]
