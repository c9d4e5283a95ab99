"""A customer account's rule of approval, who stands in for whom, and what was asked and decided."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint
from django.db.models.functions import Now

from quittance.core.money import Money
from quittance.identity.models import User
from quittance.receivables.models import CustomerAccount
from quittance.tenancy.models import OrganizationScoped

ALIVE = ("asked", "approved")  # of a request: it may still lead to a payment


class ApprovalRule(OrganizationScoped):
    """When a payment for an account needs a second person. Without a row none ever does.

    Its row is what two payments of one account wait for, so that both are counted (needing.py).
    """

    customer_account = models.ForeignKey(
        CustomerAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    currency = models.CharField(max_length=3)  # of both amounts; any other counts as above them
    above_minor = models.BigIntegerField(null=True)  # of one payment; null: of any amount none
    month_minor = models.BigIntegerField(null=True)  # of one person's payments in a month
    # Who decides: ids of users. Empty: everybody whose role for the account may approve.
    approvers = models.JSONField(default=list)
    changed_at = models.DateTimeField(db_default=Now())

    wall = "customer_account_id"

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "customer_account", name="approval_rule_once"),
            CheckConstraint(
                name="approval_rule_amounts",
                condition=(Q(above_minor=None) | Q(above_minor__gte=0))
                & (Q(month_minor=None) | Q(month_minor__gte=0)),
            ),
        ]

    @property
    def above(self) -> Money | None:
        """Up to which amount one payment needs nobody else."""
        return None if self.above_minor is None else Money(self.above_minor, self.currency)

    @property
    def month(self) -> Money | None:
        """Up to which amount one person's payments of a month need nobody else."""
        return None if self.month_minor is None else Money(self.month_minor, self.currency)


class Deputy(OrganizationScoped):
    """Somebody who decides in an approver's place, on these days of the account's books."""

    customer_account = models.ForeignKey(
        CustomerAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    approver = models.ForeignKey(
        User, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    deputy = models.ForeignKey(
        User, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    from_date = models.DateField()
    until_date = models.DateField()  # this day, too

    wall = "customer_account_id"

    class Meta:
        constraints: ClassVar = [
            CheckConstraint(name="deputy_is_another_person", condition=~Q(approver=F("deputy"))),
            CheckConstraint(name="deputy_ends", condition=Q(until_date__gte=F("from_date"))),
        ]
        indexes: ClassVar = [
            Index("organization", "customer_account", "until_date", name="deputy_by_account"),
        ]

    def stands_in(self, day: date) -> bool:
        """Whether it counts on a day of the account's books."""
        return self.from_date <= day <= self.until_date


class ApprovalRequest(OrganizationScoped):
    """One basket, sealed as it was when somebody asked for its approval. It never changes after.

    What is paid must have the same ``fingerprint``; a basket that was changed is asked for anew.
    """

    class Status(models.TextChoices):
        ASKED = "asked"  # the approvers: decide
        APPROVED = "approved"  # who asked: pay
        USED = "used"  # nobody: it became one payment, or one announced transfer
        REFUSED = "refused"  # nobody: an approver said no, and why
        WITHDRAWN = "withdrawn"  # nobody: who asked took it back
        OUTDATED = "outdated"  # nobody: the basket was changed, or the days were over

    customer_account = models.ForeignKey(
        CustomerAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    account_ids = models.JSONField()  # of all its invoices; who decides acts for each
    basket_id = models.UUIDField()
    fingerprint = models.CharField(max_length=64)  # of what was sealed
    sealed = models.JSONField()  # what pages show of it: payments/sealing.py
    without_credits = models.BooleanField(default=False)  # an announced transfer uses none
    status = models.CharField(max_length=10, choices=Status, default=Status.ASKED)
    maker = models.ForeignKey(
        User, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    note = models.CharField(max_length=500, blank=True)  # of who asked
    amount_minor = models.BigIntegerField()  # in money, with the fee
    credit_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    method = models.CharField(max_length=20)
    token_hash = models.CharField(max_length=64)  # SHA-256 of what stands in the approvers' mails
    decided_by = models.ForeignKey(
        User, models.PROTECT, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    decided_for = models.ForeignKey(  # the approver in whose place a deputy decided
        User, models.PROTECT, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)  # of a refusal, or why it is outdated
    used_for = models.UUIDField(null=True)  # the payment, or the announcement
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    wall = "customer_account_id"

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                "organization", "basket_id", name="approval_request_one_alive",
                condition=Q(status__in=ALIVE),
            ),
            UniqueConstraint("organization", "token_hash", name="approval_request_once_per_token"),
            UniqueConstraint(
                "organization", "used_for", name="approval_request_used_once",
                condition=Q(used_for__isnull=False),
            ),
            CheckConstraint(
                name="approval_request_four_eyes",
                condition=Q(decided_by=None) | ~Q(decided_by=F("maker")),
            ),
            CheckConstraint(
                name="approval_request_decided",
                condition=~Q(status__in=["approved", "refused"]) | Q(decided_by__isnull=False),
            ),
            CheckConstraint(
                name="approval_request_used_by_something",
                condition=Q(status="used", used_for__isnull=False, decided_by__isnull=False)
                | (~Q(status="used") & Q(used_for=None)),
            ),
        ]  # fmt: skip
        indexes: ClassVar = [
            Index("organization", "customer_account", "created_at", name="approval_by_account"),
            Index(
                "organization", "expires_at", name="approval_that_expires",
                condition=Q(status__in=ALIVE),
            ),
        ]  # fmt: skip

    @property
    def amount(self) -> Money:
        """What is paid in money, with the fee."""
        return Money(self.amount_minor, self.currency)

    @property
    def is_alive(self) -> bool:
        """Whether somebody has a next move."""
        return self.status in ALIVE

    def is_over(self, now: datetime) -> bool:
        """Whether its days are over, whatever its status says."""
        return now >= self.expires_at


class Pledge(OrganizationScoped):
    """What somebody said they transfer: it counts for their month until the money has come."""

    customer_account = models.ForeignKey(
        CustomerAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    user = models.ForeignKey(
        User, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    announcement_id = models.UUIDField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    created_at = models.DateTimeField(auto_now_add=True)

    wall = "customer_account_id"

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                "organization", "customer_account", "announcement_id", name="pledge_once"
            ),
        ]
        indexes: ClassVar = [
            Index("organization", "announcement_id", name="pledge_by_announcement"),
            Index(
                "organization", "customer_account", "user", "created_at", name="pledge_by_person"
            ),
        ]  # fmt: skip
