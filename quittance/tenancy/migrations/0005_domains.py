"""Let organizations prove domains, and let one that was lost long ago be proven by others."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import quittance.core.ids
import quittance.tenancy.scope
from quittance.tenancy.walls import RaiseWalls

# Over the wall, as the owner: whoever proves a domain cannot see who held it before.
FORWARD = """
CREATE POLICY owner_frees ON tenancy_domainclaim TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE FUNCTION tenancy_free_domain(wanted text, lost_before timestamptz) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE public.tenancy_domainclaim SET proven_at = NULL, lost_at = NULL
    WHERE name = wanted AND proven_at IS NOT NULL AND coalesce(released_at, lost_at) <= lost_before
$$;
"""
BACKWARD = """
DROP FUNCTION tenancy_free_domain;
DROP POLICY owner_frees ON tenancy_domainclaim;
"""


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0004_currency_of_the_limit")]

    operations = [
        migrations.CreateModel(
            name="DomainClaim",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quittance.core.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=253)),
                ("token", models.CharField(max_length=64)),
                ("for_portal", models.BooleanField(default=False)),
                ("claimed_at", models.DateTimeField()),
                ("proven_at", models.DateTimeField(null=True)),
                ("checked_at", models.DateTimeField(null=True)),
                ("misses", models.PositiveIntegerField(default=0)),
                ("lost_at", models.DateTimeField(null=True)),
                ("released_at", models.DateTimeField(null=True)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        default=quittance.tenancy.scope.current_organization_id,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.organization",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("organization"), models.F("name"), name="domain_claimed_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("proven_at__isnull", False)),
                        fields=("name",),
                        name="domain_held_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("lost_at__isnull", True),
                            ("proven_at__isnull", False),
                            _connector="OR",
                        ),
                        name="domain_lost_was_proven",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="host",
            name="is_canonical",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="host",
            name="is_claimed",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddConstraint(
            model_name="host",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_canonical", True)),
                fields=("organization",),
                name="host_canonical_once",
            ),
        ),
        RaiseWalls(domainclaim="staff"),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
