"""Up to which amount one person decides alone."""

from __future__ import annotations

from quittance.core.money import Money
from quittance.tenancy.models import Organization
from quittance.tenancy.scope import current_organization_id


def one_person_may(amount: Money) -> bool:
    """Say whether one person may decide about ``amount``, in a transaction of the caller.

    The organization's limit is an amount of one currency. Another currency is not converted: rates
    move and are nobody's decision. So, while there is a limit, an amount of another currency always
    counts as above it; a limit without a currency is below everything. What is missing counts as
    what is there: an amount below zero is as much as one above it.
    """
    organization = Organization.objects.get(pk=current_organization_id())
    limit = organization.two_persons_above_minor
    if limit is None:
        return True
    return amount.currency == organization.two_persons_currency and abs(amount.minor) <= limit
