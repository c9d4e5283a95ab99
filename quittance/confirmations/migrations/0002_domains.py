"""Have proof and end of an own domain want a second person's word, where that is chosen."""

from __future__ import annotations

from django.db import migrations

from quittance.confirmations.guards import GONE, NO_GONE, guard_act, guard_end

CLAIM = "tenancy_domainclaim"
OURS = """
    (NEW.proven_at IS NOT NULL AND OLD.proven_at IS NULL)
    OR (OLD.lost_at IS NOT NULL AND NEW.lost_at IS NULL)
    OR (OLD.proven_at IS NOT NULL AND (
        OLD.released_at IS DISTINCT FROM NEW.released_at OR OLD.name <> NEW.name
        OR (NEW.for_portal AND NOT OLD.for_portal)
    ))
"""


class Migration(migrations.Migration):
    dependencies = [
        ("confirmations", "0001_a_second_persons_word"),
        ("tenancy", "0007_who_frees_domains"),
    ]

    operations = [
        migrations.RunSQL(GONE, NO_GONE),
        migrations.RunSQL(*guard_act(CLAIM, "domains", on="UPDATE", when=OURS)),
        migrations.RunSQL(
            *guard_act(CLAIM, "domains", on="INSERT", when="NEW.proven_at IS NOT NULL")
        ),
        migrations.RunSQL(*guard_end(CLAIM, "domains", when="OLD.proven_at IS NOT NULL")),
    ]
