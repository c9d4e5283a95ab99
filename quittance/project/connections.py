"""``quittance connections``: asks every gateway and ERP whether our settings are right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from quittance.connections.capabilities import capabilities_of, look_at_erp, look_at_gateway
from quittance.connections.models import ErpConnection, GatewayAccount
from quittance.core.errors import OutsideError
from quittance.jobs.organization import each_organization
from quittance.tenancy.rows import reading


def check_connections() -> Iterator[tuple[bool, str]]:
    """Yield for each connection whether it works, with a sentence that says which part does not."""
    for scope in each_organization(actor="operator"):
        with reading():
            erps = list(ErpConnection.objects.filter(is_active=True))
            gateways = list(GatewayAccount.objects.filter(is_active=True))
        for erp in erps:
            yield _asked(f"{scope.organization_id} {erp.kind}", partial(_check_erp, erp))
            yield from _cannot(erp)
        for account in gateways:
            yield _asked(
                f"{scope.organization_id} {account.name}", partial(_check_gateway, account)
            )


def _check_erp(connection: ErpConnection) -> str:
    return look_at_erp(connection.legal_entity_id)


def _check_gateway(account: GatewayAccount) -> str:
    return look_at_gateway(account.pk)


def _cannot(connection: ErpConnection) -> Iterator[tuple[bool, str]]:
    """What the connection cannot do is said, and is no failure."""
    with reading():
        connection.refresh_from_db()
    for each in capabilities_of(connection):
        if not each.can:
            yield True, f"     without {each.title}: {each.sentence}"


def _asked(name: str, check: Callable[[], str]) -> tuple[bool, str]:
    try:
        return True, f"{name}: {check()} answers"
    except OutsideError as error:
        return False, f"{name}: {error}"
