"""Keep organizations apart, the gateways' books unchanged, and the life of a finding."""

from __future__ import annotations

from django.db import migrations

from quittance.audit.lives import guard_statuses
from quittance.tenancy.walls import RaiseWalls

FINDING = {
    "open": frozenset({"healed", "handled"}),
    "healed": frozenset({"open"}),
    "handled": frozenset({"open", "healed"}),
}
BOOKS_ARE_FIXED = """
CREATE TRIGGER is_forever BEFORE UPDATE OR DELETE OR TRUNCATE ON reconciliation_gatewaymovement
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_forever();
CREATE TRIGGER is_forever BEFORE UPDATE OR DELETE OR TRUNCATE ON reconciliation_payoutitem
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_forever();
"""
BOOKS_ARE_FREE = """
DROP TRIGGER is_forever ON reconciliation_gatewaymovement;
DROP TRIGGER is_forever ON reconciliation_payoutitem;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reconciliation", "0001_initial"),
        ("audit", "0002_statuses_are_guarded"),
        ("connections", "0002_walls"),
        ("identity", "0002_walls"),
        ("tenancy", "0002_walls"),
    ]
    operations = [
        RaiseWalls(
            gatewaymovement="staff",
            bookscursor="staff",
            payout="staff",
            payoutitem="staff",
            finding="staff",
            assignment="staff",
        ),
        migrations.RunSQL(*guard_statuses("finding", "reconciliation_finding", FINDING)),
        migrations.RunSQL(BOOKS_ARE_FIXED, BOOKS_ARE_FREE),
    ]
