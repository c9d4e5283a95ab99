"""What was found not to be as it must be, and who looks after it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint

from quittance.core.money import Money
from quittance.identity.models import User
from quittance.tenancy.models import OrganizationScoped
from quittance.tenancy.walls import STAFF


class Finding(OrganizationScoped):
    """One thing that books or rules say must not be, once for each ``kind`` and ``subject``."""

    class Status(models.TextChoices):
        OPEN = "open"  # the AR team
        HEALED = "healed"  # nobody: it was gone when we looked again
        HANDLED = "handled"  # nobody: a person says that it is all right, with a note

    customer_account_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=40)  # a key of reconciliation/catalogue.py
    subject_kind = models.CharField(max_length=20)  # "payment", "attempt", "movement", ...
    subject = models.CharField(max_length=100)  # its id, or an account of the ledger
    payment_id = models.UUIDField(null=True)
    amount_minor = models.BigIntegerField(null=True)  # how much is not as it must be
    currency = models.CharField(max_length=3, blank=True)
    facts = models.JSONField(default=dict)  # what its sentence needs
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    opened_at = models.DateTimeField()  # anew when it comes back
    last_seen_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)  # when the AR team was written to
    closed_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=500, blank=True)  # of the person who handled it
    refund_asked_at = models.DateTimeField(null=True)  # money nobody knows shall go back

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "kind", "subject", name="finding_once"),
            CheckConstraint(
                name="finding_handled_with_a_note", condition=~Q(status="handled") | ~Q(note="")
            ),
            CheckConstraint(
                name="finding_closed_at_when_closed",
                condition=Q(status="open", closed_at__isnull=True)
                | (~Q(status="open") & Q(closed_at__isnull=False)),
            ),
        ]
        indexes: ClassVar = [
            Index("organization", "opened_at", name="finding_open", condition=Q(status="open")),
        ]  # fmt: skip

    @property
    def amount(self) -> Money | None:
        """How much is not as it must be, where that can be said."""
        if self.amount_minor is None:
            return None
        return Money(self.amount_minor, self.currency)


class Look(OrganizationScoped):
    """When all rules about money were looked at last: one row of each organization."""

    looked_at = models.DateTimeField()
    unanswered = models.PositiveSmallIntegerField(default=0)  # rules that gave no answer then

    wall = STAFF

    class Meta:
        constraints: ClassVar = [UniqueConstraint("organization", name="look_one")]


class Assignment(OrganizationScoped):
    """Who looks after one row of the queue of exceptions."""

    key = models.CharField(max_length=100)  # ``ExceptionRow.key``
    owner = models.ForeignKey(User, models.PROTECT, db_constraint=False, db_index=False)
    taken_at = models.DateTimeField()

    wall = STAFF

    class Meta:
        constraints: ClassVar = [UniqueConstraint("organization", "key", name="assignment_once")]
