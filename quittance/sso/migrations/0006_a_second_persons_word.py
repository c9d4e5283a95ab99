"""Have a domain that a provider vouches for want a second person's word, where that is chosen."""

from __future__ import annotations

from django.db import migrations

from quittance.confirmations.guards import guard_act, guard_end

DOMAIN = "sso_providerdomain"
PROVEN = """
    NEW.proven_at IS NOT NULL AND (OLD.proven_at IS NULL
    OR (OLD.domain, OLD.provider_id) IS DISTINCT FROM (NEW.domain, NEW.provider_id))
"""
WAS_PROVEN = "OLD.proven_at IS NOT NULL OR OLD.lost_at IS NOT NULL"


class Migration(migrations.Migration):
    dependencies = [
        ("sso", "0005_leavers_who_were_erased"),
        ("confirmations", "0002_domains"),
    ]

    operations = [
        migrations.RunSQL(*guard_act(DOMAIN, "domains", on="UPDATE", when=PROVEN)),
        migrations.RunSQL(
            *guard_act(DOMAIN, "domains", on="INSERT", when="NEW.proven_at IS NOT NULL")
        ),
        migrations.RunSQL(*guard_end(DOMAIN, "domains", when=WAS_PROVEN)),
    ]
