"""Count the thirty days from when a domain was first lost or released.

Who had lost a domain claimed and released it again and again, and kept it from its next owner.
"""

from __future__ import annotations

from django.db import migrations

FORWARD = """
CREATE OR REPLACE FUNCTION tenancy_free_domain(wanted text, lost_before timestamptz) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE public.tenancy_domainclaim SET proven_at = NULL, lost_at = NULL
    WHERE name = wanted AND proven_at IS NOT NULL AND least(lost_at, released_at) <= lost_before
$$;
"""
BACKWARD = """
CREATE OR REPLACE FUNCTION tenancy_free_domain(wanted text, lost_before timestamptz) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE public.tenancy_domainclaim SET proven_at = NULL, lost_at = NULL
    WHERE name = wanted AND proven_at IS NOT NULL AND coalesce(released_at, lost_at) <= lost_before
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0005_domains")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
