"""Let only who may change claims of domains free one: a role that only reads could have.

PostgreSQL lets everybody call a new function, and this one writes as its owner.
"""

from __future__ import annotations

from django.db import migrations

FORWARD = """
DO $$
DECLARE who text;
BEGIN
    REVOKE EXECUTE ON FUNCTION tenancy_free_domain(text, timestamptz) FROM PUBLIC;
    FOR who IN
        SELECT DISTINCT acl.grantee::regrole::text FROM pg_class c, aclexplode(c.relacl) acl
        WHERE c.oid = 'public.tenancy_domainclaim'::regclass AND acl.privilege_type = 'UPDATE'
            AND acl.grantee NOT IN (0, c.relowner)
    LOOP
        EXECUTE format(
            'GRANT EXECUTE ON FUNCTION tenancy_free_domain(text, timestamptz) TO %s', who
        );
    END LOOP;
END
$$;
"""
BACKWARD = "GRANT EXECUTE ON FUNCTION tenancy_free_domain(text, timestamptz) TO PUBLIC"


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0006_the_first_end_counts")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
