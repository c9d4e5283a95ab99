"""Says which people may see and pay for a customer account today."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from quittance.identity.models import User


def who_may_pay(customer_account_id: UUID) -> QuerySet[User]:
    """Return the people who may pay for an account, those who came first before others.

    In a transaction of the caller that sees all of the organization. Who was switched off, or acts
    for the account no more, is not among them.
    """
    rows = User.objects.filter(contact__customer_account_id=customer_account_id, is_active=True)
    return rows.filter(staff_role=User.StaffRole.NONE).order_by("created_at", "pk")


def may_pay(user_id: UUID, customer_account_id: UUID) -> bool:
    """Say whether a person may pay for an account, in a transaction as for ``who_may_pay``."""
    return who_may_pay(customer_account_id).filter(pk=user_id).exists()
