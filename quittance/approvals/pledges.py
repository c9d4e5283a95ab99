"""Keeps what people said they transfer, so that it counts for their month like a payment."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import Sum

from quittance.approvals.models import Pledge
from quittance.core.money import Money


def pledge(
    announcement_id: UUID, account_ids: Collection[UUID], *, user_id: UUID, amount: Money
) -> None:
    """Count an announced transfer for a person's month at each account, in a transaction."""
    Pledge.objects.bulk_create(
        Pledge(
            customer_account_id=each, user_id=user_id, announcement_id=announcement_id,
            amount_minor=amount.minor, currency=amount.currency,
        )
        for each in account_ids
    )  # fmt: skip


def drop_pledge(announcement_id: UUID) -> None:
    """Count it no more: it was taken back, or its money has become a payment, which counts."""
    Pledge.objects.filter(announcement_id=announcement_id).delete()


def pledged_minor(account_id: UUID, user_id: UUID, *, since: object, currency: str) -> int:
    """Return what a person has pledged for an account since a moment, in minor units."""
    rows = Pledge.objects.filter(
        customer_account_id=account_id, user_id=user_id, created_at__gte=since, currency=currency
    )
    return int(rows.aggregate(minor=Sum("amount_minor"))["minor"] or 0)
