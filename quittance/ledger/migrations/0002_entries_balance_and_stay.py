"""Keep the ledger balanced and append-only, whatever the code does."""

from __future__ import annotations

from django.db import migrations

from quittance.tenancy.walls import RaiseWalls

FORWARD = """
CREATE FUNCTION ledger_transaction_must_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- This runs with the writer's eyes: who may not see the ledger could not be checked.
    IF NOT EXISTS (SELECT FROM public.ledger_ledgerentry WHERE id = NEW.id) THEN
        RAISE EXCEPTION 'ledger entries are written by who may see them'
            USING ERRCODE = '23514';
    END IF;
    IF EXISTS (SELECT FROM public.ledger_ledgerentry WHERE organization_id = NEW.organization_id
               AND transaction_id = NEW.transaction_id
               GROUP BY currency HAVING sum(amount_minor) <> 0) THEN
        RAISE EXCEPTION 'ledger transaction % does not sum to zero', NEW.transaction_id
            USING ERRCODE = '23514';  -- check_violation
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_transaction_must_balance AFTER INSERT ON ledger_ledgerentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_transaction_must_balance();
CREATE FUNCTION ledger_is_forever() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger never changes: record a reversal' USING ERRCODE = '23514';
END $$;
CREATE TRIGGER ledger_is_forever BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_ledgerentry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_forever();
CREATE TRIGGER ledger_is_forever BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_ledgertransaction
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_forever();
"""
BACKWARD = "DROP FUNCTION ledger_transaction_must_balance, ledger_is_forever CASCADE;"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial"), ("tenancy", "0002_walls")]
    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        RaiseWalls(ledgertransaction="staff", ledgerentry="staff"),
    ]
