"""Invitations, and what each makes of the person who accepts it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint
from django.db.models.functions import Lower

from quittance.core.money import Money
from quittance.identity.models import User
from quittance.identity.permissions import BuyerRole
from quittance.receivables.models import CustomerAccount
from quittance.tenancy.models import OrganizationScoped
from quittance.tenancy.walls import STAFF


class State(StrEnum):
    """Where an invitation is; it ends by itself."""

    SENT = "sent"  # the person invited has the next move
    EXPIRED = "expired"  # the inviter has: it can be sent again
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


class Invitation(OrganizationScoped):
    """Somebody is asked in; the token that was mailed is good once. The token is not kept."""

    email = models.CharField(max_length=254)  # lower case
    name = models.CharField(max_length=150, blank=True)
    # "": for people of customers, whose accounts are in ``InvitedRole``.
    staff_role = models.CharField(max_length=20, choices=User.StaffRole, blank=True)
    language = models.CharField(max_length=2, blank=True)  # of the mail; "": the seller's own
    invited_by = models.ForeignKey(
        User, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    token_hash = models.CharField(max_length=64)  # SHA-256 of the latest
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField()  # for the last time
    times_sent = models.PositiveSmallIntegerField(default=1)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "token_hash", name="invitation_once_per_token"),
            CheckConstraint(name="invitation_ends", condition=Q(expires_at__gt=F("sent_at"))),
            CheckConstraint(name="invitation_email_lower_case", condition=Q(email=Lower("email"))),
            CheckConstraint(
                name="invitation_accepted_or_withdrawn",
                condition=Q(accepted_at=None) | Q(withdrawn_at=None),
            ),
        ]
        indexes: ClassVar = [
            Index("organization", "created_at", "id", name="invitation_by_date"),
            Index("organization", "email", name="invitation_by_email"),
        ]

    def state(self, now: datetime) -> State:
        """Where it is at ``now``."""
        if self.accepted_at is not None:
            return State.ACCEPTED
        if self.withdrawn_at is not None:
            return State.WITHDRAWN
        return State.SENT if now < self.expires_at else State.EXPIRED


class InvitedRole(OrganizationScoped):
    """What the person will be for one customer account."""

    invitation = models.ForeignKey(
        Invitation, models.PROTECT, db_constraint=False, db_index=False, related_name="roles"
    )
    customer_account = models.ForeignKey(
        CustomerAccount, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    role = models.CharField(max_length=20, choices=BuyerRole)
    limit_minor = models.BigIntegerField(null=True)  # of who pays within one, and nobody else
    limit_currency = models.CharField(max_length=3, blank=True, default="", db_default="")

    wall = "customer_account_id"

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                "organization", "invitation", "customer_account", name="invited_once_per_account"
            ),
            CheckConstraint(
                name="invited_limit_of_who_pays_within",
                condition=Q(
                    role=BuyerRole.PAY_WITHIN, limit_minor__gt=0, limit_minor__isnull=False,
                    limit_currency__regex="^[A-Z]{3}$",
                )
                | (~Q(role=BuyerRole.PAY_WITHIN) & Q(limit_minor=None, limit_currency="")),
            ),
        ]  # fmt: skip
        indexes: ClassVar = [
            Index("organization", "customer_account", name="invited_by_account"),
        ]

    @property
    def limit(self) -> Money | None:
        """How much one payment of this person may be; ``None``: as much as is owed."""
        if self.limit_minor is None:
            return None
        return Money(self.limit_minor, self.limit_currency)
