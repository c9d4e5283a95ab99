"""What time it is by the database: one clock for all machines (F55 of reliability.md)."""

from __future__ import annotations

from datetime import datetime

from django.db.models.functions import Now

from quittance.tenancy.models import Organization
from quittance.tenancy.scope import current_scope


def moment() -> datetime:
    """Return this moment by the database's clock, inside a transaction.

    For what machines compare with each other: one whose clock is a few seconds ahead would make
    everything that the others read later look like old news.
    """
    own = Organization.objects.filter(pk=current_scope().organization_id)
    found: datetime = own.values_list(Now(), flat=True).get()
    return found
