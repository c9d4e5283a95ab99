"""Money that comes back out of a payment: refunds, returns, disputes."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint

from quittance.core.money import Money
from quittance.identity.models import User
from quittance.payments.models.attempt import GatewayAttempt
from quittance.payments.models.payment import Payment
from quittance.tenancy.models import OrganizationScoped
from quittance.tenancy.walls import STAFF


class Reversal(OrganizationScoped):
    """One movement of money that takes something back of a payment, or gives it back again."""

    class Kind(models.TextChoices):
        REFUND = "refund"  # by us, or in the gateway's own pages
        RETURN = "return"  # the payer's bank took a debit back
        DISPUTE = "dispute"  # the payer's bank took it for the time of a dispute
        # And gave it back, or gave a return back: the only one that brings money.
        DISPUTE_WON = "dispute_won"

    class Origin(models.TextChoices):
        CLERK = "clerk"  # somebody of the AR team pressed refund
        SURPLUS = "surplus"  # we, because it was paid though the payment was over
        OUTSIDE = "outside"  # found in the gateway's books

    class Status(models.TextChoices):
        REQUESTED = "requested"  # we: ask the gateway
        SENT = "sent"  # we: the gateway is being asked
        UNKNOWN = "unknown"  # we: the answer was lost, ask what it did
        PENDING = "pending"  # the gateway or the bank
        SUCCEEDED = "succeeded"  # nobody: the money moved
        FAILED = "failed"  # nobody: it did not

    number = models.CharField(max_length=20)  # what people and the ERP call it
    customer_account_id = models.UUIDField()
    payment = models.ForeignKey(
        Payment, models.PROTECT, db_constraint=False, db_index=False, related_name="reversals"
    )
    attempt = models.ForeignKey(
        GatewayAttempt, models.PROTECT, db_constraint=False, db_index=False,
        related_name="reversals",
    )  # fmt: skip
    kind = models.CharField(max_length=12, choices=Kind)
    origin = models.CharField(max_length=10, choices=Origin)
    status = models.CharField(max_length=10, choices=Status, default=Status.REQUESTED)
    amount_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField(default=0)  # how much of it is the payer's fee
    currency = models.CharField(max_length=3)
    idempotency_key = models.CharField(max_length=100)  # the form's, or the gateway's entry
    # The gateway's refund, dispute or entry; with the kind it is unique.
    gateway_object = models.CharField(max_length=100, null=True)  # noqa: DJ001 - unique when known
    reopens = models.BooleanField(default=True)  # the invoices are owed again
    code = models.CharField(max_length=40, blank=True)  # the bank's: "R01"
    note = models.CharField(max_length=500, blank=True)  # why, in the clerk's words
    detail = models.CharField(max_length=500, blank=True)  # the gateway's words, for staff only
    problem = models.CharField(max_length=500, blank=True)  # set: the AR team must look
    user = models.ForeignKey(User, models.PROTECT, db_constraint=False, db_index=False, null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)
    succeeded_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)

    wall = "customer_account_id"

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "number", name="reversal_once_per_number"),
            UniqueConstraint("organization", "idempotency_key", name="reversal_once_per_key"),
            UniqueConstraint(
                "organization",
                "attempt",
                "kind",
                "gateway_object",
                name="reversal_once_per_gateway_object",
                condition=Q(gateway_object__isnull=False),
            ),
            CheckConstraint(name="reversal_positive", condition=Q(amount_minor__gt=0)),
            CheckConstraint(
                name="reversal_succeeded_at_when_succeeded",
                condition=~Q(status="succeeded") | Q(succeeded_at__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            Index("organization", "payment", "created_at", name="reversal_by_payment"),
            Index("organization", "status", "created_at", name="reversal_by_status"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number

    @property
    def amount(self) -> Money:
        """How much comes back."""
        return Money(self.amount_minor, self.currency)

    @property
    def reference(self) -> str:
        """Our idempotency key at the gateway."""
        return str(self.pk)

    @property
    def is_over(self) -> bool:
        """Whether nobody has a next move at the gateway."""
        return self.status in {self.Status.SUCCEEDED, self.Status.FAILED}


class Dispute(OrganizationScoped):
    """The payer's bank asks the money back, and may be answered. Its money moves by reversals."""

    class Status(models.TextChoices):
        OPEN = "open"  # the AR team: answer in the gateway's pages, or accept
        UNDER_REVIEW = "under_review"  # the payer's bank
        WON = "won"  # nobody
        LOST = "lost"  # nobody

    customer_account_id = models.UUIDField()
    payment = models.ForeignKey(
        Payment, models.PROTECT, db_constraint=False, db_index=False, related_name="disputes"
    )
    attempt = models.ForeignKey(GatewayAttempt, models.PROTECT, db_constraint=False, db_index=False)
    gateway_object = models.CharField(max_length=100)
    status = models.CharField(max_length=12, choices=Status, default=Status.OPEN)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=100, blank=True)
    answer_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                "organization", "attempt", "gateway_object", name="dispute_once_per_gateway_object"
            ),
        ]
        indexes: ClassVar = [
            Index("organization", "payment", name="dispute_by_payment"),
        ]
