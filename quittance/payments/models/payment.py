"""A payment, and which part of it pays which invoice."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint
from django.db.models.functions import Now

from quittance.connections.models import GatewayAccount
from quittance.core.money import Money
from quittance.identity.models import User
from quittance.payments.models.basket import BasketItem
from quittance.receivables.models import Credit, CustomerAccount, Invoice
from quittance.tenancy.models import OrganizationScoped


class Payment(OrganizationScoped):
    """One attempt of a payer to pay one customer account. Never deleted, never used twice."""

    class Status(models.TextChoices):
        CREATED = "created"  # we: written here, the gateway was not asked yet
        IN_FLIGHT = "in_flight"  # the gateway, the payer or the bank: see the attempt
        SUCCEEDED = "succeeded"  # nobody: the money is ours; what comes back is a reversal
        FAILED = "failed"  # nobody
        CANCELLED = "cancelled"  # nobody

    class Origin(models.TextChoices):
        CHECKOUT = "checkout"
        PAY_LINK = "pay_link"
        AUTOPAY = "autopay"
        INSTALMENT = "instalment"
        BACK_OFFICE = "back_office"

    number = models.CharField(max_length=20)  # what people and the ERP call it
    customer_account = models.ForeignKey(
        CustomerAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    gateway_account = models.ForeignKey(  # null: credits pay for all, no money moves
        GatewayAccount, models.PROTECT, db_constraint=False, db_index=False, null=True
    )
    user = models.ForeignKey(User, models.PROTECT, db_constraint=False, db_index=False, null=True)
    origin = models.CharField(max_length=20, choices=Origin)
    pay_link_id = models.UUIDField(null=True)  # by which a guest paid; his own word of who he is
    payer_name = models.CharField(max_length=150, blank=True, db_default="", default="")
    payer_mail = models.CharField(max_length=254, blank=True, db_default="", default="")
    status = models.CharField(max_length=10, choices=Status, default=Status.CREATED)
    # What the payer pays: the sum of the living allocations, what is on account, and the fee.
    amount_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField(default=0, db_default=0)  # never applied to an invoice
    on_account_minor = models.BigIntegerField(default=0, db_default=0)  # pays no invoice (any more)
    currency = models.CharField(max_length=3)
    method = models.CharField(max_length=20)
    method_label = models.CharField(max_length=60, blank=True)  # "Visa ••4242"
    idempotency_key = models.CharField(max_length=100)
    fingerprint = models.CharField(max_length=64)
    reason = models.CharField(max_length=40, blank=True)  # why it failed: gateways/base.py REASONS
    created_at = models.DateTimeField(auto_now_add=True)
    succeeded_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)  # when the sweep looks again; null: never
    failures = models.PositiveIntegerField(default=0)

    wall = "customer_account_id"

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "idempotency_key", name="payment_once_per_key"),
            UniqueConstraint("organization", "number", name="payment_once_per_number"),
            CheckConstraint(
                name="payment_without_money_needs_no_gateway",
                condition=Q(amount_minor__gt=0, gateway_account__isnull=False)
                | Q(amount_minor=0, gateway_account__isnull=True),
            ),
            CheckConstraint(
                name="payment_parts_within_amount",
                condition=Q(fee_minor__gte=0, on_account_minor__gte=0)
                & Q(amount_minor__gte=F("fee_minor") + F("on_account_minor")),
            ),
            CheckConstraint(
                name="payment_succeeded_at_when_succeeded",
                condition=~Q(status="succeeded") | Q(succeeded_at__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            Index(
                "organization", "next_at", name="payment_due", condition=Q(next_at__isnull=False)
            ),
            Index("organization", "created_at", "id", name="payment_by_date"),
            Index(
                "organization", "customer_account", "created_at", "id", name="payment_by_account"
            ),
            Index(
                "organization", "created_at", "id", name="payment_under_way",
                condition=Q(status__in=["created", "in_flight"]),
            ),
            Index(
                "organization", "created_at", "id", name="payment_lost",
                condition=Q(status__in=["failed", "cancelled"]),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number

    @property
    def amount(self) -> Money:
        """What the payer was shown and pays."""
        return Money(self.amount_minor, self.currency)

    @property
    def mail_to(self) -> str:
        """Who is told of it: the person who pays, or the address a guest gave; "": nobody."""
        return self.user.email if self.user else self.payer_mail

    @property
    def gateway_key(self) -> UUID:
        """The gateway account's id. Raises ``ValueError`` for a payment that moves no money."""
        if self.gateway_account_id is None:
            raise ValueError(f"Payment {self.number} has no gateway: no money moves.")
        return self.gateway_account_id

    @property
    def is_over(self) -> bool:
        """Whether nobody has a next move at the gateway."""
        return self.status in {self.Status.SUCCEEDED, self.Status.FAILED, self.Status.CANCELLED}


class PaymentAccount(OrganizationScoped):
    """A customer account whose invoices a payment may pay: the payer may act for each of them."""

    customer_account = models.ForeignKey(
        CustomerAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    payment = models.ForeignKey(
        Payment, models.PROTECT, db_constraint=False, db_index=False, related_name="accounts"
    )
    created_at = models.DateTimeField(db_default=Now())  # the payment's own: lists go by it

    wall = "customer_account_id"

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                "organization", "customer_account", "payment", name="payment_account_once"
            )
        ]
        indexes: ClassVar = [
            Index(
                "organization", "customer_account", "created_at", "payment",
                name="payment_account_by_date",
            ),
        ]  # fmt: skip


class Allocation(OrganizationScoped):
    """Which part of a payment pays which invoice; while it is alive, nobody else may pay that."""

    class Status(models.TextChoices):
        RESERVED = "reserved"  # the payment is under way
        CONSUMED = "consumed"  # the payment succeeded, the mirror does not show it yet
        REFLECTED = "reflected"  # the mirror shows it: the open amount has it in
        RELEASED = "released"  # the payment came to nothing

    customer_account = models.ForeignKey(
        CustomerAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    payment = models.ForeignKey(
        Payment, models.PROTECT, db_constraint=False, db_index=False, related_name="allocations"
    )
    invoice = models.ForeignKey(
        Invoice, models.PROTECT, db_constraint=False, db_index=False, related_name="allocations"
    )
    amount_minor = models.BigIntegerField()  # in money
    discount_minor = models.BigIntegerField(
        default=0, db_default=0
    )  # the ERP takes it off for paying early
    credit_minor = models.BigIntegerField(default=0, db_default=0)  # the sum of its credit uses
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=20, choices=BasketItem.Reason, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.RESERVED)
    open_seen_minor = models.BigIntegerField()
    in_flight_seen_minor = models.BigIntegerField()
    version_seen = models.BigIntegerField()
    open_after_minor = models.BigIntegerField(null=True)  # what the ERP said when it showed it

    wall = "customer_account_id"

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                "organization",
                "payment",
                "invoice",
                name="allocation_once_alive",
                condition=~Q(status="released"),
            ),
            CheckConstraint(
                name="allocation_positive",
                condition=Q(amount_minor__gte=0, discount_minor__gte=0, credit_minor__gte=0)
                & (Q(amount_minor__gt=0) | Q(credit_minor__gt=0)),
            ),
            CheckConstraint(
                name="allocation_within_what_was_open",
                condition=Q(
                    amount_minor__lte=F("open_seen_minor")
                    - F("in_flight_seen_minor")
                    - F("discount_minor")
                    - F("credit_minor")
                ),
            ),
        ]
        indexes: ClassVar = [
            Index(
                "organization", "invoice", name="allocation_alive",
                condition=Q(status__in=["reserved", "consumed"]),
            ),
            Index("organization", "invoice", "payment", name="allocation_by_invoice"),
            Index("organization", "payment", name="allocation_by_payment"),
        ]  # fmt: skip

    @property
    def amount(self) -> Money:
        """How much of the invoice is paid in money."""
        return Money(self.amount_minor, self.currency)

    @property
    def settles_minor(self) -> int:
        """How much less will be open: money, discount and credit together."""
        return self.amount_minor + self.discount_minor + self.credit_minor

    @property
    def discount_missed(self) -> bool:
        """Whether the ERP did not grant the discount: the money came after its last day."""
        return self.discount_minor > 0 and bool(self.open_after_minor)


class CreditUse(OrganizationScoped):
    """How much of one credit a payment uses for one invoice; it lives as its allocation does."""

    customer_account = models.ForeignKey(
        CustomerAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    payment = models.ForeignKey(
        Payment, models.PROTECT, db_constraint=False, db_index=False, related_name="credit_uses"
    )
    credit = models.ForeignKey(
        Credit, models.PROTECT, db_constraint=False, db_index=False, related_name="uses"
    )
    invoice = models.ForeignKey(Invoice, models.PROTECT, db_constraint=False, db_index=False)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    status = models.CharField(
        max_length=10, choices=Allocation.Status, default=Allocation.Status.RESERVED
    )
    open_seen_minor = models.BigIntegerField()  # of the credit
    in_flight_seen_minor = models.BigIntegerField()
    version_seen = models.BigIntegerField()

    wall = "customer_account_id"

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                "organization", "payment", "credit", "invoice", name="credit_use_once"
            ),
            CheckConstraint(name="credit_use_positive", condition=Q(amount_minor__gt=0)),
            CheckConstraint(
                name="credit_use_within_what_was_open",
                condition=Q(amount_minor__lte=F("open_seen_minor") - F("in_flight_seen_minor")),
            ),
        ]
        indexes: ClassVar = [
            Index(
                "organization", "credit", name="credit_use_alive",
                condition=Q(status__in=["reserved", "consumed"]),
            ),
            Index("organization", "payment", name="credit_use_by_payment"),
        ]  # fmt: skip
