"""Where people reach an organization's portal."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from quittance.tenancy.models import Host
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import current_organization_id


def portal_address(organization_id: UUID) -> str:
    """Return where people, and the ERP's calls, reach this organization; "" without a host.

    It is the host that the organization chose for its mails, whatever host somebody asked under.
    """
    with reading():
        host = _hosts(organization_id).first()
    if not host:
        return ""
    port = f":{settings.PUBLIC_PORT}" if settings.PUBLIC_PORT else ""
    return f"{'https' if settings.HTTPS_ONLY else 'http'}://{host}{port}"


def portal_hosts() -> list[str]:
    """Return under which names the portal answers, in a transaction of the caller.

    The first is the one that links in mails lead to.
    """
    return list(_hosts(current_organization_id()))


def use_in_mails(name: str) -> bool:
    """Have links in mails lead to one of the organization's hosts; say whether it is one."""
    with writing():
        own = Host.objects.filter(organization_id=current_organization_id())
        if not own.filter(name=name).exists():
            return False
        own.filter(is_canonical=True).update(is_canonical=False)
        own.filter(name=name).update(is_canonical=True)
    return True


def _hosts(organization_id: UUID) -> QuerySet[Host, str]:
    rows = Host.objects.filter(organization_id=organization_id)
    return rows.order_by("-is_canonical", "is_claimed", "name").values_list("name", flat=True)
