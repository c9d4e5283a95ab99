from __future__ import annotations

from django.db import migrations

from quittance.audit.lives import guard_statuses
from quittance.tenancy.walls import RaiseWalls

METHOD = {
    "verifying": frozenset({"active", "ended"}),
    "active": frozenset({"ended"}),
    "ended": frozenset(),
}
ANSWERS = frozenset({"open", "verifying", "saved", "failed", "cancelled"})
SAVING = {
    "prepared": frozenset({"sent", "cancelled"}),
    "sent": ANSWERS,
    "open": ANSWERS - {"open"},
    "verifying": frozenset({"saved", "failed", "cancelled"}),
    "saved": frozenset(),
    "failed": frozenset({"verifying", "saved"}),
    "cancelled": frozenset({"verifying", "saved"}),
}
# What somebody agreed to stays as it was, and for as long as the scheme wants its proof.
CONSENT_STAYS = """
CREATE FUNCTION wallet_consent_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.keep_until IS NULL OR OLD.keep_until >= current_date THEN
            RAISE EXCEPTION 'the proof of a consent is still needed' USING ERRCODE = '23514';
        END IF;
        RETURN OLD;
    END IF;
    IF OLD.ended_at IS NOT NULL OR to_jsonb(OLD) - ARRAY['ended_at', 'ended_by', 'keep_until']
        IS DISTINCT FROM to_jsonb(NEW) - ARRAY['ended_at', 'ended_by', 'keep_until'] THEN
        RAISE EXCEPTION 'what was agreed to stays' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER stays BEFORE UPDATE OR DELETE ON wallet_consentrecord
    FOR EACH ROW EXECUTE FUNCTION wallet_consent_stays();
CREATE TRIGGER is_kept_whole BEFORE TRUNCATE ON wallet_consentrecord
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_kept();
"""
CONSENT_MAY_CHANGE = """
DROP TRIGGER is_kept_whole ON wallet_consentrecord;
DROP TRIGGER stays ON wallet_consentrecord;
DROP FUNCTION wallet_consent_stays;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("wallet", "0001_initial"),
        ("audit", "0002_statuses_are_guarded"),
        ("tenancy", "0002_walls"),
        ("identity", "0002_walls"),
        ("connections", "0002_walls"),
    ]
    operations = [
        RaiseWalls(
            consentrecord="customer_account_id",
            keptmethod="customer_account_id",
            defaultmethod="customer_account_id",
            saving="customer_account_id",
            methodmessage="staff",
        ),
        migrations.RunSQL(*guard_statuses("kept_method", "wallet_keptmethod", METHOD)),
        migrations.RunSQL(*guard_statuses("saving", "wallet_saving", SAVING)),
        migrations.RunSQL(CONSENT_STAYS, CONSENT_MAY_CHANGE),
    ]
