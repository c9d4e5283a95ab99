"""What a gateway was asked, what it answered, and the messages it sent."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Index, Q, UniqueConstraint

from quittance.connections.models import GatewayAccount
from quittance.core.money import Money
from quittance.payments.models.payment import Payment
from quittance.tenancy.models import OrganizationScoped
from quittance.tenancy.walls import STAFF

LIVE = ("prepared", "sent", "unknown", "open", "processing")
WITH_MONEY = frozenset({"succeeded", "surplus"})


class GatewayAttempt(OrganizationScoped):
    """One object at the gateway for one payment. What was asked is fixed when it is made."""

    class Status(models.TextChoices):
        PREPARED = "prepared"  # we: ask the gateway
        SENT = "sent"  # we: the gateway is being asked
        UNKNOWN = "unknown"  # we: the answer was lost, ask what it did
        OPEN = "open"  # the payer
        PROCESSING = "processing"  # the bank
        SUCCEEDED = "succeeded"  # nobody
        SURPLUS = "surplus"  # the AR team: money came although the payment was over
        FAILED = "failed"  # nobody
        CANCELLED = "cancelled"  # nobody

    customer_account_id = models.UUIDField()
    payment = models.ForeignKey(
        Payment, models.PROTECT, db_constraint=False, db_index=False, related_name="attempts"
    )
    gateway_account = models.ForeignKey(
        GatewayAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    ordinal = models.PositiveSmallIntegerField(default=1)
    status = models.CharField(max_length=10, choices=Status, default=Status.PREPARED)
    reference = models.CharField(max_length=64)  # our idempotency key at the gateway
    gateway_object = models.CharField(max_length=100, null=True)  # noqa: DJ001 - unique when known
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    method = models.CharField(max_length=20)
    return_url = models.CharField(max_length=500)
    cancel_url = models.CharField(max_length=500)
    locale = models.CharField(max_length=10)
    # What else it was asked with (see asked.py); of a charge also the kept method and who began it.
    asked_with = models.JSONField(null=True)
    kept_method_id = models.UUIDField(null=True)
    started_by = models.CharField(max_length=10, default="payer", db_default="payer")
    redirect_url = models.CharField(max_length=1000, blank=True)
    reason = models.CharField(max_length=40, blank=True)
    detail = models.CharField(max_length=500, blank=True)  # the gateway's words, for staff only
    problem = models.CharField(max_length=500, blank=True)  # set: the AR team must look
    # Money that the gateway says came, although it is not what was asked for.
    came_object = models.CharField(max_length=100, blank=True, default="", db_default="")
    came_minor = models.BigIntegerField(null=True)
    came_currency = models.CharField(max_length=3, blank=True, default="", db_default="")
    sent_at = models.DateTimeField(null=True)
    word_at = models.DateTimeField(null=True)  # when we last told the gateway to take the money
    given_up_at = models.DateTimeField(null=True)  # from then on it is never told so
    method_kept_at = models.DateTimeField(null=True)  # when the wallet knew what it has saved
    created_at = models.DateTimeField(auto_now_add=True)

    wall = "customer_account_id"

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "payment", "ordinal", name="attempt_once_per_ordinal"),
            UniqueConstraint("organization", "reference", name="attempt_once_per_reference"),
            UniqueConstraint(
                "organization", "gateway_account", "gateway_object",
                name="attempt_once_per_gateway_object", condition=Q(gateway_object__isnull=False),
            ),
            UniqueConstraint(
                "organization", "payment", name="attempt_one_alive", condition=Q(status__in=LIVE)
            ),
            UniqueConstraint(
                "organization", "payment", name="attempt_one_success",
                condition=Q(status="succeeded"),
            ),
        ]  # fmt: skip
        indexes: ClassVar = [
            Index(
                "organization", "payment", name="attempt_with_other_money",
                condition=Q(status="surplus") | ~Q(came_object=""),
            )
        ]  # fmt: skip

    @property
    def amount(self) -> Money:
        """What the gateway was asked for."""
        return Money(self.amount_minor, self.currency)

    @property
    def came(self) -> Money:
        """What came, of an attempt with which money came: usually what was asked for."""
        if self.came_minor is None or self.status == self.Status.SUCCEEDED:
            return self.amount
        return Money(self.came_minor, self.came_currency)

    @property
    def misfit(self) -> Money | None:
        """What came and does not fit, while nobody has decided about it."""
        if not self.came_object or self.came_minor is None or self.status == self.Status.SURPLUS:
            return None
        return Money(self.came_minor, self.came_currency)


class GatewayMessage(OrganizationScoped):
    """A message that a gateway sent, kept once. It says that something happened, not what."""

    gateway_account = models.ForeignKey(
        GatewayAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    event_id = models.CharField(max_length=100)
    gateway_object = models.CharField(max_length=100)
    kind = models.CharField(max_length=60)
    received_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True)

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                "organization", "gateway_account", "event_id", name="gateway_message_once"
            )
        ]
        indexes: ClassVar = [
            Index(
                "organization", "gateway_object", name="gateway_message_waiting",
                condition=Q(done_at__isnull=True),
            )
        ]  # fmt: skip
