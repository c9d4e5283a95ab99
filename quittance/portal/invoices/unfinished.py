"""The checkout that a buyer left, so that the list can lead back to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Exists, Q, QuerySet, Sum

from quittance.core import clock
from quittance.core.money import Money
from quittance.payments.contents import payments_of
from quittance.payments.models import Basket
from quittance.tenancy.kept import Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """A basket in two figures."""

    id: UUID
    count: int
    total: Money


def _good(account_id: UUID, user_id: UUID, now: datetime) -> QuerySet[Basket, Any]:
    """The person's checkouts that are still good: mostly none, and then nothing else is asked."""
    mine = Basket.objects.filter(customer_account_id=account_id, user_id=user_id)
    return mine.filter(expires_at__gte=now).values_list("pk")[:1]


_GOOD: Final = Kept(_good, UUID, UUID, datetime)


def unfinished_basket(account_id: UUID, user_id: UUID) -> Unfinished | None:
    """Return the person's last checkout of this account, if it is good and was not paid.

    One that follows another currency's waits until that one is paid.
    """
    if not _GOOD(account_id, user_id, clock.now()):
        return None
    begun = Q(follows__isnull=True) | Exists(payments_of("follows"))
    basket = (
        Basket.objects.filter(begun, customer_account_id=account_id, user_id=user_id)
        .annotate(
            count=Count("items"),
            total=Sum("items__amount_minor"),
            is_paid=Exists(payments_of("pk")),
        )
        .order_by("-created_at")
        .first()
    )
    if basket is None or not basket.count or basket.is_paid or basket.expires_at < clock.now():
        return None
    return Unfinished(id=basket.pk, count=basket.count, total=Money(basket.total, basket.currency))
