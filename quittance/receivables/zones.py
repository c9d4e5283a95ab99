"""Says which day it is for the seller of a customer account: that of its legal entity's zone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from quittance.core.clock import today
from quittance.receivables.models import CustomerAccount


def days_of(customer_account_ids: Collection[UUID]) -> Mapping[UUID, date]:
    """Return today for each account that the scope may see, in a transaction of the caller."""
    rows = CustomerAccount.objects.filter(pk__in=set(customer_account_ids))
    return {
        account_id: today(zone) for account_id, zone in rows.values_list("pk", "legal_entity__zone")
    }
