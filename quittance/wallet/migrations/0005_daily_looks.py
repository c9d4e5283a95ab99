"""Have what was kept before be looked at daily too, spread over the first day."""

from __future__ import annotations

from django.db import migrations

FIRST_LOOKS = """
ALTER TABLE wallet_keptmethod NO FORCE ROW LEVEL SECURITY;
UPDATE wallet_keptmethod SET next_at = now() + random() * interval '1 day'
    WHERE status IN ('active', 'blocked') AND next_at IS NULL;
ALTER TABLE wallet_keptmethod FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("wallet", "0004_stopped_by_banks")]
    operations = [migrations.RunSQL(FIRST_LOOKS, migrations.RunSQL.noop)]
