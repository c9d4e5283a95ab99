"""Let who came first administer each account; the others pay on, as they did.

All could see, pay and keep methods, so all go on with *pay*. Nobody could say who else may; one
person must be able to, and whoever was connected first has been the seller's contact for longest.
"""

from __future__ import annotations

from django.db import migrations

FORWARD = """
ALTER TABLE receivables_contact NO FORCE ROW LEVEL SECURITY;
ALTER TABLE identity_user NO FORCE ROW LEVEL SECURITY;
UPDATE receivables_contact SET "role" = 'administer' WHERE id IN (
    SELECT DISTINCT ON (contact.organization_id, contact.customer_account_id) contact.id
    FROM receivables_contact contact
    JOIN identity_user person ON person.id = contact.user_id
        AND person.organization_id = contact.organization_id
    WHERE person.is_active AND person.staff_role = ''
    ORDER BY contact.organization_id, contact.customer_account_id, contact.id
);
ALTER TABLE receivables_contact FORCE ROW LEVEL SECURITY;
ALTER TABLE identity_user FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("receivables", "0015_what_a_contact_may_do"),
        ("identity", "0005_integrators"),
    ]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
