"""Chain the events of before, in the order in which they happened."""

from __future__ import annotations

from django.db import migrations

# Nobody writes an event meanwhile: the first line waits for all who do, and has others wait. The
# chain says by its own moment that these were chained now, whatever they say of themselves.
CHAINED = """
ALTER TABLE audit_auditevent NO FORCE ROW LEVEL SECURITY;
ALTER TABLE audit_chainlink NO FORCE ROW LEVEL SECURITY;
DO $$
DECLARE event record;
BEGIN
    FOR event IN
        SELECT e.organization_id, e.id, public.audit_bytes(e) AS told FROM public.audit_auditevent e
        WHERE NOT EXISTS (SELECT FROM public.audit_chainlink l WHERE l.id = e.id)
        ORDER BY e.organization_id, e.happened_at, e.id
    LOOP
        PERFORM public.audit_append(event.id, event.organization_id, event.told);
    END LOOP;
END $$;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE audit_chainlink FORCE ROW LEVEL SECURITY;
ALTER TABLE audit_auditevent FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0006_chain")]
    operations = [migrations.RunSQL(CHAINED, migrations.RunSQL.noop)]
