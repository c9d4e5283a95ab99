"""Let the database keep life cycles and write every step of one down."""

from __future__ import annotations

from django.db import migrations

from quittance.tenancy.walls import RaiseWalls

# Tables are named with their schema: a temporary table of the same name would come first.
FORWARD = """
CREATE TABLE audit_legal_step (
    subject_kind varchar(20) NOT NULL, from_status varchar(20) NOT NULL,
    to_status varchar(20) NOT NULL, PRIMARY KEY (subject_kind, from_status, to_status)
);
CREATE SEQUENCE audit_statuschange_sequence;

CREATE FUNCTION audit_write_status(
    kind text, organization uuid, account uuid, subject uuid, before text, after text
) RETURNS void LANGUAGE sql AS $$
    INSERT INTO public.audit_statuschange (id, organization_id, sequence, subject_kind, subject_id,
        customer_account_id, from_status, to_status, cause, actor, happened_at)
    VALUES (gen_random_uuid(), organization, nextval('public.audit_statuschange_sequence'), kind,
        subject,
        account, before, after, coalesce(current_setting('quittance.cause', true), ''),
        coalesce(current_setting('quittance.actor', true), ''), clock_timestamp())
$$;

CREATE FUNCTION audit_guard_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status IS DISTINCT FROM OLD.status THEN
        IF NOT EXISTS (SELECT FROM public.audit_legal_step WHERE subject_kind = TG_ARGV[0]
                       AND from_status = OLD.status AND to_status = NEW.status) THEN
            RAISE EXCEPTION 'a % never goes from % to %', TG_ARGV[0], OLD.status, NEW.status
                USING ERRCODE = '23514';  -- check_violation
        END IF;
        PERFORM public.audit_write_status(TG_ARGV[0], NEW.organization_id, NEW.customer_account_id,
                                   NEW.id, OLD.status, NEW.status);
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION audit_first_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status <> TG_ARGV[1] THEN
        RAISE EXCEPTION 'a % begins as %, not as %', TG_ARGV[0], TG_ARGV[1], NEW.status
            USING ERRCODE = '23514';
    END IF;
    PERFORM public.audit_write_status(TG_ARGV[0], NEW.organization_id, NEW.customer_account_id,
                               NEW.id, '', NEW.status);
    RETURN NULL;
END $$;

CREATE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: rows of money are never deleted', TG_TABLE_NAME USING ERRCODE = '23514';
END $$;

CREATE FUNCTION audit_is_forever() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% only ever grows', TG_TABLE_NAME USING ERRCODE = '23514';
END $$;
CREATE TRIGGER is_forever BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_statuschange
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_forever();
CREATE TRIGGER is_forever BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_forever();

-- Depth 1 is this trigger itself: so it was an INSERT of somebody's own, not of a guard above.
CREATE FUNCTION audit_only_guards_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'status changes are written by their guards' USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER only_guards_write BEFORE INSERT ON audit_statuschange
    FOR EACH STATEMENT EXECUTE FUNCTION audit_only_guards_write();

CREATE FUNCTION audit_legal_step_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user <> (SELECT tableowner FROM pg_tables
                        WHERE schemaname = 'public' AND tablename = 'audit_legal_step') THEN
        RAISE EXCEPTION 'life cycles change with migrations only' USING ERRCODE = '42501';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER is_fixed BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON audit_legal_step
    FOR EACH STATEMENT EXECUTE FUNCTION audit_legal_step_is_fixed();
"""
BACKWARD = """
DROP TABLE audit_legal_step;
DROP SEQUENCE audit_statuschange_sequence;
DROP FUNCTION audit_write_status, audit_guard_status, audit_first_status, audit_is_kept,
    audit_is_forever,
    audit_only_guards_write, audit_legal_step_is_fixed CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("tenancy", "0002_walls")]
    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        RaiseWalls(statuschange="customer_account_id", auditevent="staff"),
    ]
