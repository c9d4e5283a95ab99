"""Know who left all groups, and of which domain the proof is lost."""

from __future__ import annotations

from django.db import migrations, models

# Two looks in a row did not find the word: so it was taken for lost before there was a column.
LOST = """
ALTER TABLE sso_providerdomain NO FORCE ROW LEVEL SECURITY;
UPDATE sso_providerdomain SET lost_at = now() WHERE proven_at IS NULL AND missed >= 2;
ALTER TABLE sso_providerdomain FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("sso", "0001_providers"),
        ("receivables", "0017_former_contacts"),
    ]

    operations = [
        migrations.AddField(
            model_name="externalidentity",
            name="left_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="providerdomain",
            name="lost_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL(LOST, migrations.RunSQL.noop),
    ]
