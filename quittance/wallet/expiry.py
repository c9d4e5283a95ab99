"""Cards that expire: tells of them in time, and takes a new date from the payer."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final
from uuid import UUID

from quittance.connections.open import gateway_for
from quittance.core import clock
from quittance.core.clock import today
from quittance.core.errors import RuleBroken
from quittance.gateways.saved import RenewsCards
from quittance.receivables.zones import days_of
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened
from quittance.wallet.ending import NotKept, lock_method
from quittance.wallet.keeping import follow
from quittance.wallet.models import KeptMethod
from quittance.wallet.telling import tell
from quittance.wallet.transitions import M

SOON: Final = timedelta(days=30)
_A_DAY: Final = timedelta(days=1)  # no seller's day is further from that of UTC
_MOST: Final = 500


class CannotBeRenewed(RuleBroken):
    """The date of this card can not be changed. Add the card anew, then remove this one."""


def expires_soon(row: KeptMethod, today: date) -> bool:
    """Say whether a card expires within ``SOON``, or has."""
    return row.expires_on is not None and row.expires_on <= today + SOON


def has_expired(row: KeptMethod) -> bool:
    """Say whether a card's last day is past where its seller is, in a transaction of the caller.

    Only about that day the zone matters, so only then it is asked for.
    """
    if row.expires_on is None or row.expires_on > today("UTC") + _A_DAY:
        return False
    day = days_of([row.customer_account_id]).get(row.customer_account_id, today("UTC"))
    return row.expires_on < day


def renewable(row: KeptMethod) -> bool:
    """Say whether the gateway of a card lets its date be changed, outside of any transaction."""
    return row.method == "card" and isinstance(
        gateway_for(row.gateway_account_id, though_shut=True), RenewsCards
    )


def announce_expiring() -> int:
    """Mail of each card that expires soon, once for each date; say of how many."""
    day = today("UTC")
    with writing():
        rows = KeptMethod.objects.filter(
            status=M.ACTIVE, expires_on__gte=day - _A_DAY, expires_on__lte=day + SOON + _A_DAY,
            expiry_told_at=None,
        ).order_by("expires_on", "pk")  # fmt: skip
        near = list(rows.select_for_update(of=("self",)).select_related("saved_by")[:_MOST])
        days = days_of([row.customer_account_id for row in near])
        found = [row for row in near if _is_soon(row, days[row.customer_account_id])]
        for row in found:
            KeptMethod.objects.filter(pk=row.pk).update(expiry_told_at=clock.now())
            tell(
                row, "method_expires", f"{row.pk}:{row.expires_on}",
                {"label": row.label, "expires_on": str(row.expires_on)},
            )  # fmt: skip
    return len(found)


def _is_soon(row: KeptMethod, today: date) -> bool:
    return row.expires_on is not None and row.expires_on >= today and expires_soon(row, today)


def change_expiry(method_id: UUID, expires_on: date) -> KeptMethod:
    """Tell the gateway the new last day of a card that was renewed, and keep it.

    Raises ``NotKept``, ``CannotBeRenewed``, or the gateway's ``OutsideError``.
    """
    with reading():
        row = KeptMethod.objects.filter(pk=method_id, status=M.ACTIVE).first()
    if row is None:
        raise NotKept
    gateway = gateway_for(row.gateway_account_id)
    if row.method != "card" or not isinstance(gateway, RenewsCards):
        raise CannotBeRenewed
    told = gateway.change_expiry(row.gateway_method, expires_on)
    with widened(), writing():
        row = lock_method(method_id)
        follow(row, told)
    return row
