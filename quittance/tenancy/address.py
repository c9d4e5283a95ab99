"""Where people reach an organization's portal."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings

from quittance.tenancy.models import Host
from quittance.tenancy.rows import reading


def portal_address(organization_id: UUID) -> str:
    """Return where people, and the ERP's calls, reach this organization; "" without a host.

    It is the host that the organization chose for its mails, whatever host somebody asked under.
    """
    with reading():
        host = (
            Host.objects.filter(organization_id=organization_id)
            .order_by("-is_canonical", "is_claimed", "name")
            .values_list("name", flat=True)
            .first()
        )
    if not host:
        return ""
    port = f":{settings.PUBLIC_PORT}" if settings.PUBLIC_PORT else ""
    return f"{'https' if settings.HTTPS_ONLY else 'http'}://{host}{port}"
