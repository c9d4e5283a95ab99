"""Visits: who of the staff looked at the portal as which customer sees it, when, and why."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, Final

from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint

from quittance.identity.models import User
from quittance.receivables.models import CustomerAccount
from quittance.tenancy.models import OrganizationScoped
from quittance.tenancy.walls import STAFF

LASTS: Final = timedelta(minutes=30)  # source: security.md, A9


class Visit(OrganizationScoped):
    """One of the staff looks at the portal as a customer account sees it. The token is not kept."""

    class Ended(models.TextChoices):
        NOT_YET = ""
        BY_PERSON = "person"
        BY_NEXT = "next"  # the person began another
        BY_TIME = "time"

    user = models.ForeignKey(
        User, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    customer_account = models.ForeignKey(
        CustomerAccount, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    sign_in_id = models.UUIDField()  # the person's session; with its end this is over, too
    token_hash = models.CharField(max_length=64)  # SHA-256 of what the browser's cookie holds
    reason = models.CharField(max_length=200)
    ticket = models.CharField(max_length=60, blank=True)  # of the seller's help desk
    began_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended = models.CharField(max_length=10, choices=Ended, blank=True, default="", db_default="")

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "token_hash", name="visit_once_per_token"),
            CheckConstraint(
                name="visit_is_short",
                condition=Q(ends_at__gte=F("began_at"), ends_at__lte=F("began_at") + LASTS),
            ),
            CheckConstraint(
                name="visit_ended_somehow",
                condition=Q(ended_at=None, ended="") | (Q(ended_at__isnull=False) & ~Q(ended="")),
            ),
        ]
        indexes: ClassVar = [
            Index("organization", "customer_account", "began_at", name="visits_of_customer"),
            Index("organization", "began_at", "id", name="visits_by_time"),
        ]
