"""Who acted for a customer account once, and whether that stands."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from quittance.identity.models import User
from quittance.receivables.models.mirror import CustomerAccount
from quittance.tenancy.models import OrganizationScoped


class FormerContact(OrganizationScoped):
    """A user who acted for a customer account; without it, who was removed would come back.

    ``by_team``: its own people removed him, so nobody but them lets him in again. Else the groups
    at his company's provider had no role for him any more, and may have one tomorrow: what the team
    had set as his limit waits here until then.
    """

    customer_account = models.ForeignKey(
        CustomerAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    user = models.ForeignKey(User, models.CASCADE, db_constraint=False, db_index=False)
    left_at = models.DateTimeField()
    by_team = models.BooleanField()
    limit_minor = models.BigIntegerField(null=True)
    limit_currency = models.CharField(max_length=3, blank=True, default="", db_default="")

    wall = "customer_account_id"

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                "organization", "user", "customer_account", name="former_contact_once"
            ),
            CheckConstraint(
                name="former_contact_limit",
                condition=Q(limit_minor=None, limit_currency="")
                | Q(
                    limit_minor__gt=0, limit_minor__isnull=False, by_team=False,
                    limit_currency__regex="^[A-Z]{3}$",
                ),
            ),
        ]  # fmt: skip
