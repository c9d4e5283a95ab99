"""Keep organizations apart, and let a request find its own by host name."""

from __future__ import annotations

from django.db import migrations

from quittance.tenancy.walls import RaiseWalls

# The two tables of organizations are closed as well; these two questions are asked before anybody
# knows for whom we work, so they run as the owner, who may read all of these two tables.
FORWARD = """
ALTER TABLE tenancy_organization ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenancy_organization FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_wall ON tenancy_organization
    USING (id = nullif(current_setting('quittance.organization', true), '')::uuid);
CREATE POLICY owner_reads ON tenancy_organization FOR SELECT TO CURRENT_USER USING (true);
ALTER TABLE tenancy_host ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenancy_host FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_wall ON tenancy_host
    USING (organization_id = nullif(current_setting('quittance.organization', true), '')::uuid);
CREATE POLICY owner_reads ON tenancy_host FOR SELECT TO CURRENT_USER USING (true);

CREATE FUNCTION tenancy_organization_of_host(wanted text) RETURNS TABLE (id uuid, name varchar)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT o.id, o.name FROM public.tenancy_host h JOIN public.tenancy_organization o ON o.id = h.organization_id
    WHERE h.name = wanted
$$;
CREATE FUNCTION tenancy_organization_ids() RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT id FROM public.tenancy_organization ORDER BY id
$$;
"""
BACKWARD = """
DROP FUNCTION tenancy_organization_of_host, tenancy_organization_ids;
DROP POLICY organization_wall ON tenancy_organization;
DROP POLICY owner_reads ON tenancy_organization;
ALTER TABLE tenancy_organization NO FORCE ROW LEVEL SECURITY;
ALTER TABLE tenancy_organization DISABLE ROW LEVEL SECURITY;
DROP POLICY organization_wall ON tenancy_host;
DROP POLICY owner_reads ON tenancy_host;
ALTER TABLE tenancy_host NO FORCE ROW LEVEL SECURITY;
ALTER TABLE tenancy_host DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0001_initial")]
    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        RaiseWalls(legalentity="everybody"),
    ]
