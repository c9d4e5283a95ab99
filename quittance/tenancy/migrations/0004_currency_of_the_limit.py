"""Say in which currency the limit of one person counts: so far it was whatever came."""

from __future__ import annotations

from django.db import migrations, models

# Of the books that the organization keeps; who has several chooses one of theirs.
OF_THEIR_BOOKS = """
ALTER TABLE tenancy_legalentity NO FORCE ROW LEVEL SECURITY;
ALTER TABLE tenancy_organization NO FORCE ROW LEVEL SECURITY;
UPDATE tenancy_organization SET two_persons_currency = books.currency FROM (
    SELECT DISTINCT ON (organization_id) organization_id, currency FROM tenancy_legalentity
    ORDER BY organization_id, name
) books
    WHERE books.organization_id = tenancy_organization.id AND two_persons_above_minor IS NOT NULL;
ALTER TABLE tenancy_organization FORCE ROW LEVEL SECURITY;
ALTER TABLE tenancy_legalentity FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tenancy", "0003_two_persons"),
    ]

    operations = [
        migrations.AddField(
            model_name="organization",
            name="two_persons_currency",
            field=models.CharField(blank=True, db_default="", default="", max_length=3),
        ),
        migrations.RunSQL(OF_THEIR_BOOKS, migrations.RunSQL.noop),
    ]
