"""Check an invoice's organization once, by its legal entity and its customer account.

Both references are over (organization, id), and a legal entity refers to its organization. So a
reference of the invoice's own to the organization proves nothing more, and its check at the end of
each page cost a tenth of bringing the page in.
"""

from __future__ import annotations

from django.db import migrations

FORWARD = """
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT conname FROM pg_constraint
        WHERE conrelid = 'public.receivables_invoice'::regclass AND contype = 'f'
        AND confrelid = 'public.tenancy_organization'::regclass
    LOOP EXECUTE format('ALTER TABLE public.receivables_invoice DROP CONSTRAINT %I', name); END LOOP;
END $$;
"""
BACKWARD = """
ALTER TABLE receivables_invoice ADD CONSTRAINT receivables_invoice_organization_fk
    FOREIGN KEY (organization_id) REFERENCES tenancy_organization (id)
    DEFERRABLE INITIALLY DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [("receivables", "0009_prints_are_kept")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
