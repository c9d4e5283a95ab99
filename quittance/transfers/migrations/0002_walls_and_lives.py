"""Keep organizations and customer accounts apart, and the lives of transfers and movements."""

from __future__ import annotations

from django.db import migrations

from quittance.audit.lives import guard_statuses
from quittance.tenancy.walls import RaiseWalls

ANNOUNCEMENT = {
    "announced": frozenset({"matched", "settled", "cancelled", "lapsed"}),
    "settled": frozenset({"matched"}),
    "cancelled": frozenset({"matched"}),
    "lapsed": frozenset({"matched"}),
}
ENTRY = {
    "waiting": frozenset({"matched", "set_aside"}),
    "set_aside": frozenset({"waiting"}),
}
# What the bank has told stays; only what we make of it may change.
TOLD_STAYS = """
CREATE FUNCTION transfers_told_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.bank_account_id, OLD.key, OLD.booked_date, OLD.amount_minor, OLD.currency)
        IS DISTINCT FROM
        (NEW.bank_account_id, NEW.key, NEW.booked_date, NEW.amount_minor, NEW.currency) THEN
        RAISE EXCEPTION 'what the bank has told stays' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER told_stays BEFORE UPDATE ON transfers_bankentry
    FOR EACH ROW EXECUTE FUNCTION transfers_told_stays();
"""
TOLD_MAY_CHANGE = """
DROP TRIGGER told_stays ON transfers_bankentry;
DROP FUNCTION transfers_told_stays;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("transfers", "0001_initial"),
        ("audit", "0002_statuses_are_guarded"),
        ("tenancy", "0002_walls"),
        ("identity", "0002_walls"),
        ("connections", "0002_walls"),
        ("receivables", "0002_walls"),
        ("payments", "0002_walls"),
    ]
    operations = [
        RaiseWalls(
            across={"announcedline": ["announcement"]},
            bankaccount="everybody",
            announcement="customer_account_id",
            announcedline="customer_account_id",
            bankstatement="staff",
            bankentry="staff",
        ),
        migrations.RunSQL(*guard_statuses("announcement", "transfers_announcement", ANNOUNCEMENT)),
        migrations.RunSQL(*guard_statuses("bank_entry", "transfers_bankentry", ENTRY)),
        migrations.RunSQL(TOLD_STAYS, TOLD_MAY_CHANGE),
    ]
