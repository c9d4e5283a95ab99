"""Keep organizations and customer accounts apart, and the lives of disputes; words stay."""

from __future__ import annotations

from django.db import migrations

from quittance.audit.lives import guard_statuses
from quittance.tenancy.walls import RaiseWalls

_ENDS = frozenset({"rejected", "withdrawn", "closed"})
DISPUTE = {
    "open": _ENDS | {"waiting", "accepted"},
    "waiting": _ENDS | {"open", "accepted"},
    "accepted": frozenset({"closed"}),
}
# What was said to the other side stays as it was said; so do lines and files.
SAID_STAYS = """
CREATE FUNCTION disputes_said_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was said in a dispute stays' USING ERRCODE = '23514';
END $$;
CREATE TRIGGER said_stays BEFORE UPDATE OR DELETE ON disputes_disputenote
    FOR EACH ROW EXECUTE FUNCTION disputes_said_stays();
CREATE TRIGGER said_stays BEFORE UPDATE OR DELETE ON disputes_disputedline
    FOR EACH ROW EXECUTE FUNCTION disputes_said_stays();
CREATE TRIGGER said_stays BEFORE UPDATE OR DELETE ON disputes_disputefile
    FOR EACH ROW EXECUTE FUNCTION disputes_said_stays();
"""
SAID_MAY_CHANGE = "DROP FUNCTION disputes_said_stays CASCADE;"


class Migration(migrations.Migration):
    dependencies = [
        ("disputes", "0001_initial"),
        ("audit", "0002_statuses_are_guarded"),
        ("tenancy", "0002_walls"),
        ("identity", "0002_walls"),
        ("receivables", "0002_walls"),
    ]
    operations = [
        RaiseWalls(
            disputerules="everybody",
            invoicedispute="customer_account_id",
            disputedline="customer_account_id",
            disputenote="customer_account_id",
            disputefile="customer_account_id",
        ),
        migrations.RunSQL(*guard_statuses("invoice_dispute", "disputes_invoicedispute", DISPUTE)),
        migrations.RunSQL(SAID_STAYS, SAID_MAY_CHANGE),
    ]
