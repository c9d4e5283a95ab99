"""Chain the events of each organization by hashes, and let nobody but the database do it."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import quittance.core.ids
import quittance.tenancy.scope
from quittance.tenancy.walls import RaiseWalls

# An event is chained at commit, behind all other checks of the commit: the first trigger, deferred,
# only puts it in line; the second, deferred too, so fires when the first ones are all through. For
# the lock of the chain must be the last that a transaction takes: one that waits for a row while it
# holds the chain could wait for somebody who waits for the chain.
#
# Both run as the owner of the tables, because the application may write neither the line nor the
# chain. The path is fixed, so that no temporary table and no operator of theirs comes first. The
# walls hold the owner too: whose organization is another than the event's at commit commits nothing.
FORWARD = """
CREATE UNLOGGED TABLE audit_unchained (
    event_id uuid PRIMARY KEY, organization_id uuid NOT NULL, told bytea NOT NULL
);

CREATE FUNCTION audit_moment(moment timestamptz) RETURNS text LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp AS $$
    SELECT to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

CREATE FUNCTION audit_netstrings(fields text[]) RETURNS bytea LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp AS $$
    SELECT string_agg(
        convert_to(octet_length(told) || ':', 'UTF8') || told || convert_to(',', 'UTF8'),
        ''::bytea ORDER BY n)
    FROM (
        SELECT convert_to(coalesce(field, ''), 'UTF8') AS told, n
        FROM unnest(fields) WITH ORDINALITY AS each (field, n)
    ) AS told
$$;

CREATE FUNCTION audit_bytes(event public.audit_auditevent) RETURNS bytea LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp AS $$
    SELECT public.audit_netstrings(ARRAY[
        '1', event.organization_id::text, event.id::text, public.audit_moment(event.happened_at),
        event.actor, event.on_behalf_of, event.customer_account_id::text, event.what,
        event.subject_kind, event.subject_id::text, event.address, event.browser,
        event.request_id, event.facts::text
    ])
$$;

CREATE FUNCTION audit_append(event_id uuid, organization uuid, told bytea) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    last_place bigint;
    last_hash bytea;
    moment timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('quittance.audit:' || organization::text, 0));
    SELECT l.place, l.hash INTO last_place, last_hash FROM public.audit_chainlink l
        WHERE l.organization_id = organization ORDER BY l.place DESC LIMIT 1;
    last_place := coalesce(last_place, 0) + 1;
    moment := clock_timestamp();
    INSERT INTO public.audit_chainlink (id, organization_id, place, form, chained_at, hash)
    VALUES (event_id, organization, last_place, 1, moment,
        sha256(coalesce(last_hash, decode(repeat('00', 32), 'hex'))
            || public.audit_netstrings(ARRAY[last_place::text, public.audit_moment(moment)])
            || told));
END $$;

CREATE FUNCTION audit_put_in_line() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO public.audit_unchained VALUES (NEW.id, NEW.organization_id, public.audit_bytes(NEW));
    RETURN NULL;
END $$;

CREATE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM public.audit_append(NEW.event_id, NEW.organization_id, NEW.told);
    DELETE FROM public.audit_unchained u WHERE u.event_id = NEW.event_id;
    RETURN NULL;
END $$;

-- Who may not call them cannot hang them onto tables of their own either.
REVOKE EXECUTE ON FUNCTION audit_append, audit_put_in_line, audit_chain FROM PUBLIC;

CREATE CONSTRAINT TRIGGER is_put_in_line AFTER INSERT ON audit_auditevent
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_put_in_line();
CREATE CONSTRAINT TRIGGER is_chained AFTER INSERT ON audit_unchained
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_chain();
CREATE TRIGGER is_forever BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_chainlink
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_forever();
"""
BACKWARD = """
DROP TRIGGER is_put_in_line ON audit_auditevent;
DROP TRIGGER is_forever ON audit_chainlink;
DROP TABLE audit_unchained;
DROP FUNCTION audit_put_in_line, audit_chain, audit_append, audit_bytes, audit_netstrings,
    audit_moment;
"""
# Of everybody whom the owner's default privileges gave more: the application's role.
LESS = """
DO $$
DECLARE granted record;
BEGIN
    FOR granted IN
        SELECT DISTINCT relname, grantee::regrole AS role
        FROM pg_class, aclexplode(relacl)
        WHERE relnamespace = 'public'::regnamespace AND grantee NOT IN (relowner, 0)
            AND relname IN ('audit_auditevent', 'audit_chainlink', 'audit_unchained')
    LOOP
        EXECUTE format('REVOKE ALL ON public.%I FROM %s', granted.relname, granted.role);
        IF granted.relname <> 'audit_unchained' THEN
            EXECUTE format('GRANT SELECT ON public.%I TO %s', granted.relname, granted.role);
        END IF;
        IF granted.relname = 'audit_auditevent' THEN
            EXECUTE format('GRANT INSERT ON public.%I TO %s', granted.relname, granted.role);
        END IF;
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_where_from")]
    operations = [
        migrations.CreateModel(
            name="ChainLink",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("place", models.BigIntegerField()),
                ("form", models.SmallIntegerField()),
                ("chained_at", models.DateTimeField()),
                ("hash", models.BinaryField()),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        default=quittance.tenancy.scope.current_organization_id,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.organization",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("organization"),
                        models.F("place"),
                        name="chain_link_once_per_place",
                    )
                ],
            },
        ),
        RaiseWalls(chainlink="everybody"),
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RunSQL(LESS, migrations.RunSQL.noop),
    ]
