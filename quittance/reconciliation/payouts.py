"""Reads the gateways' payouts and balances, and whether our mirror's entries add up to them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import F, Sum

from quittance.connections.open import gateway_for
from quittance.core import clock
from quittance.gateways.base import GatewayPayout, Movement, ReportsMovements
from quittance.reconciliation.models import BooksCursor, GatewayMovement, Payout, PayoutItem
from quittance.tenancy.rows import reading, writing

_PAID = "paid"


def read_payouts(gateway_account_id: UUID) -> int:
    """Read the payouts of a gateway account; return how many do not count as reconciled.

    A payout counts as reconciled once it is paid and the entries that we hold of it add up to it,
    to the cent; one that does not is read again at every run. Raises ``OutsideError``.
    """
    gateway = gateway_for(gateway_account_id)
    if not isinstance(gateway, ReportsMovements):
        return 0
    open_ = 0
    for said in gateway.payouts():
        with reading():
            known = Payout.objects.filter(
                gateway_account_id=gateway_account_id, payout_id=said.payout_id
            ).first()
        if known and known.reconciled_at and known.state == said.state:
            continue
        items = gateway.movements_in(said.payout_id)
        with writing():
            payout = _keep(gateway_account_id, said, items)
        open_ += payout.reconciled_at is None
    return open_


def read_balance(gateway_account_id: UUID) -> bool:
    """Keep what the gateway says that it holds, if our mirror of its books is complete just then.

    Raises ``OutsideError``.
    """
    gateway = gateway_for(gateway_account_id)
    if not isinstance(gateway, ReportsMovements):
        return False
    with reading():
        before = BooksCursor.objects.filter(gateway_account_id=gateway_account_id).first()
    if before is None:
        return False
    held = gateway.balances()
    if gateway.movements(before.cursor).movements:  # something moved meanwhile: another time
        return False
    with writing():
        same = BooksCursor.objects.filter(pk=before.pk, cursor=before.cursor)
        minor = {currency: amount.minor for currency, amount in held.items()}
        return bool(same.update(held=minor, held_at=clock.now()))


def _keep(gateway_account_id: UUID, said: GatewayPayout, items: Sequence[Movement]) -> Payout:
    now = clock.now()
    payout, _ = Payout.objects.update_or_create(
        gateway_account_id=gateway_account_id,
        payout_id=said.payout_id,
        defaults={
            "state": said.state[:20],
            "amount_minor": said.amount.minor,
            "currency": said.amount.currency,
            "made_at": said.created_at,
            "read_at": now,
            "reconciled_at": None,
        },
    )
    # Only what stands in our mirror of the books counts: so a missing entry shows.
    movements = GatewayMovement.objects.filter(
        gateway_account_id=gateway_account_id,
        movement_id__in=[each.movement_id for each in items],
        currency=said.amount.currency,
    )
    PayoutItem.objects.bulk_create(
        (PayoutItem(payout=payout, movement=movement) for movement in movements),
        ignore_conflicts=True,
    )
    sums = payout.items.aggregate(sum=Sum(F("movement__gross_minor") - F("movement__fee_minor")))
    payout.items_minor = sums["sum"] or 0
    adds_up = payout.state == _PAID and payout.items_minor == payout.amount_minor
    payout.reconciled_at = now if adds_up else None
    payout.save(update_fields=["items_minor", "reconciled_at"])
    return payout
