"""The mirror of the gateways' own books."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint

from quittance.connections.models import GatewayAccount
from quittance.core.money import Money
from quittance.tenancy.models import OrganizationScoped
from quittance.tenancy.walls import STAFF


class GatewayMovement(OrganizationScoped):
    """One entry in a gateway's books, as the gateway wrote it. Never changed, never deleted."""

    class Kind(models.TextChoices):
        CHARGE = "charge"
        REFUND = "refund"
        REFUND_FAILED = "refund_failed"
        RETURN = "return"
        DISPUTE = "dispute"
        DISPUTE_WON = "dispute_won"
        FEE = "fee"
        PAYOUT = "payout"

    gateway_account = models.ForeignKey(
        GatewayAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    movement_id = models.CharField(max_length=100)
    kind = models.CharField(max_length=15, choices=Kind)
    gateway_object = models.CharField(max_length=100, blank=True)  # the payment, if it has one
    subject = models.CharField(max_length=100, blank=True)  # the refund, dispute or payout
    gross_minor = models.BigIntegerField()  # above zero comes to us
    fee_minor = models.BigIntegerField()  # what the gateway kept of it
    currency = models.CharField(max_length=3)
    code = models.CharField(max_length=100, blank=True)
    happened_at = models.DateTimeField()  # by the gateway's clock
    read_at = models.DateTimeField()

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                "organization", "gateway_account", "movement_id", name="gateway_movement_once"
            )
        ]
        indexes: ClassVar = [
            Index(
                "organization", "gateway_account", "gateway_object",
                name="gateway_movement_by_object",
            ),
            Index("organization", "happened_at", name="gateway_movement_by_day"),
        ]  # fmt: skip

    @property
    def net(self) -> Money:
        """What the gateway's balance moved by."""
        return Money(self.gross_minor - self.fee_minor, self.currency)


class BooksCursor(OrganizationScoped):
    """How far one gateway account's books were read, and how the last try went."""

    gateway_account = models.ForeignKey(
        GatewayAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    cursor = models.TextField(blank=True)
    succeeded_at = models.DateTimeField(null=True)  # the mirror holds the books of then
    failed_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=500, blank=True)  # for staff; "" after a success
    held = models.JSONField(default=dict)  # what the gateway said that it holds, by currency
    held_at = models.DateTimeField(null=True)  # the mirror was complete at that moment

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "gateway_account", name="books_cursor_once")
        ]


class Payout(OrganizationScoped):
    """Money that a gateway sent to our bank, and whether its entries add up to it."""

    gateway_account = models.ForeignKey(
        GatewayAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    payout_id = models.CharField(max_length=100)
    state = models.CharField(max_length=20)  # the gateway's: "in_transit", "paid", "failed"
    amount_minor = models.BigIntegerField()  # below zero: taken from our bank
    items_minor = models.BigIntegerField(default=0)  # what its entries add up to
    currency = models.CharField(max_length=3)
    made_at = models.DateTimeField()
    read_at = models.DateTimeField()
    reconciled_at = models.DateTimeField(null=True)

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "gateway_account", "payout_id", name="payout_once"),
            CheckConstraint(
                name="payout_reconciled_when_it_adds_up",
                condition=Q(reconciled_at__isnull=True)
                | Q(state="paid", items_minor=F("amount_minor")),
            ),
        ]
        indexes: ClassVar = [Index("organization", "made_at", name="payout_by_day")]

    @property
    def amount(self) -> Money:
        """What was sent to our bank."""
        return Money(self.amount_minor, self.currency)

    @property
    def difference(self) -> Money:
        """How much the payout is more than its entries; zero when it adds up."""
        return Money(self.amount_minor - self.items_minor, self.currency)


class PayoutItem(OrganizationScoped):
    """One entry of the gateway's books that a payout paid out."""

    payout = models.ForeignKey(
        Payout, models.PROTECT, db_constraint=False, db_index=False, related_name="items"
    )
    movement = models.ForeignKey(
        GatewayMovement, models.PROTECT, db_constraint=False, db_index=False, related_name="items"
    )

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "movement", name="payout_item_once"),
        ]
        indexes: ClassVar = [Index("organization", "payout", name="payout_item_by_payout")]
