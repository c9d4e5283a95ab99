"""``quittance check mail``: say in words whether receivers will believe who a mail is from."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from email.utils import parseaddr
from uuid import UUID

from quittance.backoffice.branding.senders import Standing, records_of
from quittance.branding.models import Brand
from quittance.core.errors import QuittanceError
from quittance.notifications.letterhead import Letterhead
from quittance.tenancy.hosts import organization_ids
from quittance.tenancy.models import Organization
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import working_for


def check_mail(*, organizations: Collection[UUID] = ()) -> Iterator[tuple[int, str]]:
    """Yield lines for people, each with how many things it says are not as they should be."""
    for organization_id in organization_ids():
        if organizations and organization_id not in organizations:
            continue
        with working_for(organization_id, actor="operator"), reading():
            name = Organization.objects.get().name
            sender = parseaddr(Letterhead(Brand.objects.first()).sender)[1]
        yield 0, f"\n{name} ({organization_id}): mails are from {sender}"
        try:
            records = records_of(sender)
        except QuittanceError as error:
            yield 1, f"  {error}"
            continue
        for each in records:
            wrong = each.standing in {Standing.MISSING, Standing.WEAK}
            yield int(wrong), f"  {each.kind} at {each.name}: {each.standing}. {each.sentence}"
