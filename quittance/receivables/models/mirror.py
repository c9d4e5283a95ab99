"""The mirror of what customers owe, as the ERP said it last."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint

from quittance.core.money import Money
from quittance.identity.models import User
from quittance.identity.permissions import BuyerRole
from quittance.tenancy.models import LegalEntity, OrganizationScoped

# Numbers are searched by equality and by their beginning; both need the plain order of bytes.
PLAIN = "C"


class CustomerAccount(OrganizationScoped):
    """A customer in one legal entity."""

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, db_constraint=False, db_index=False
    )
    erp_id = models.CharField(max_length=64)
    erp_etag = models.CharField(max_length=200, blank=True)
    number = models.CharField(max_length=40, db_collation=PLAIN)
    name = models.CharField(max_length=200)
    email = models.CharField(max_length=254, blank=True)
    currency = models.CharField(max_length=3)
    blocked = models.BooleanField(default=False)
    # The one currency in which the ERP can book a payment of theirs; "": any.
    pays_only = models.CharField(max_length=3, blank=True, db_default="", default="")
    changed_at = models.DateTimeField()
    synced_at = models.DateTimeField()
    # Since when the connection leads to other books, which do not name it; payments may.
    gone_at = models.DateTimeField(null=True)

    wall = "id"

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                "organization", "legal_entity", "erp_id", name="customer_account_once_per_erp_id"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Contact(OrganizationScoped):
    """A user who may act for a customer account, and what he is for it."""

    customer_account = models.ForeignKey(
        CustomerAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    user = models.ForeignKey(User, models.PROTECT, db_constraint=False, db_index=False)
    role = models.CharField(
        max_length=20, choices=BuyerRole, default=BuyerRole.PAY, db_default=BuyerRole.PAY
    )
    # Of one payment, for who pays within a limit; nobody else has one.
    limit_minor = models.BigIntegerField(null=True)
    limit_currency = models.CharField(max_length=3, blank=True, default="", db_default="")

    wall = "customer_account_id"

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                "organization", "user", "customer_account", name="contact_once_per_account"
            ),
            CheckConstraint(name="contact_role_known", condition=Q(role__in=BuyerRole.values)),
            CheckConstraint(
                name="contact_limit_of_who_pays_within",
                condition=Q(
                    role=BuyerRole.PAY_WITHIN, limit_minor__gt=0, limit_minor__isnull=False,
                    limit_currency__regex="^[A-Z]{3}$",
                )
                | (~Q(role=BuyerRole.PAY_WITHIN) & Q(limit_minor=None, limit_currency="")),
            ),
        ]  # fmt: skip

    @property
    def limit(self) -> Money | None:
        """How much one payment of this person may be; ``None``: as much as is owed."""
        if self.limit_minor is None:
            return None
        return Money(self.limit_minor, self.limit_currency)


class Invoice(OrganizationScoped):
    """A posted invoice. ``open_minor`` is the ERP's own word, less nothing of ours."""

    class ErpStatus(models.TextChoices):
        OPEN = "open"
        PAID = "paid"
        CANCELLED = "cancelled"

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, db_constraint=False, db_index=False
    )
    customer_account = models.ForeignKey(
        CustomerAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    erp_id = models.CharField(max_length=64)
    erp_etag = models.CharField(max_length=200, blank=True)
    number = models.CharField(max_length=40, db_collation=PLAIN)
    purchase_order = models.CharField(max_length=80, blank=True, db_collation=PLAIN)
    order_number = models.CharField(max_length=40, blank=True, db_collation=PLAIN)
    erp_status = models.CharField(max_length=10, choices=ErpStatus)
    issued_date = models.DateField()
    due_date = models.DateField()
    currency = models.CharField(max_length=3)
    total_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    open_minor = models.BigIntegerField()
    # Goes up when amount or status change: what an allocation saw when it reserved.
    version = models.BigIntegerField(default=1)
    changed_at = models.DateTimeField()  # in the ERP
    synced_at = models.DateTimeField()  # when the ERP said so last
    # What the payment that closes it may take off, if it is posted by that day: the ERP's word.
    discount_minor = models.BigIntegerField(default=0, db_default=0)
    discount_until = models.DateField(null=True)
    hindrance = models.CharField(max_length=20, blank=True, db_default="", default="")
    # When it was found that the ERP has it no more; payments may still name it.
    gone_at = models.DateTimeField(null=True)

    wall = "customer_account_id"

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                "organization", "legal_entity", "erp_id", name="invoice_once_per_erp_id"
            ),
            CheckConstraint(
                name="invoice_discount_has_its_day",
                condition=Q(discount_minor=0)
                | Q(discount_minor__gt=0, discount_until__isnull=False),
            ),
            CheckConstraint(
                name="invoice_only_open_ones_are_owed",
                condition=Q(erp_status="open") | Q(open_minor=0),
            ),
        ]
        indexes: ClassVar = [
            Index(
                "organization", "customer_account", "due_date", "id",
                name="invoice_open_by_due_date", condition=Q(erp_status="open"),
                include=("currency", "open_minor", "hindrance"),
            ),
            Index("organization", "customer_account", "issued_date", "id", name="invoice_by_date"),
            Index("organization", "customer_account", "number", name="invoice_by_number"),
            Index(
                "organization", "customer_account", "purchase_order", name="invoice_by_order",
                condition=~Q(purchase_order=""),
            ),
            Index(
                "organization", "customer_account", "order_number", name="invoice_by_sales_order",
                condition=~Q(order_number=""),
            ),
            Index(
                "organization", "customer_account", "total_minor", name="invoice_by_total",
                condition=Q(total_minor__gt=0),
            ),
            Index(
                "organization", "customer_account", "open_minor", name="invoice_by_what_is_left",
                condition=Q(open_minor__gt=0) & ~Q(open_minor=F("total_minor")),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number

    @property
    def open_amount(self) -> Money:
        """What the ERP says is still owed."""
        return Money(self.open_minor, self.currency)

    @property
    def total(self) -> Money:
        """The invoice's amount including tax."""
        return Money(self.total_minor, self.currency)

    def is_overdue(self, on: date) -> bool:
        """Whether something is owed and the due date lies before ``on``."""
        return self.open_minor > 0 and self.due_date < on


class InvoiceLine(OrganizationScoped):
    """One line of an invoice, fetched when somebody first looks. Text to show, never summed."""

    customer_account = models.ForeignKey(
        CustomerAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    invoice = models.ForeignKey(
        Invoice, models.CASCADE, db_constraint=False, db_index=False, related_name="lines"
    )
    sequence = models.IntegerField()
    description = models.CharField(max_length=250)
    item_number = models.CharField(max_length=40, blank=True)
    quantity = models.CharField(max_length=30)
    unit = models.CharField(max_length=20, blank=True)
    unit_price = models.CharField(max_length=40)
    amount_minor = models.BigIntegerField()
    tax_percent = models.CharField(max_length=20, blank=True)

    wall = "customer_account_id"

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "invoice", "sequence", name="invoice_line_once")
        ]


class Credit(OrganizationScoped):
    """Open credit of a customer account: a credit note, or money that pays no invoice yet."""

    class Kind(models.TextChoices):
        CREDIT_NOTE = "credit_note"
        PAYMENT = "payment"

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, db_constraint=False, db_index=False
    )
    customer_account = models.ForeignKey(
        CustomerAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    erp_id = models.CharField(max_length=64)
    kind = models.CharField(max_length=20, choices=Kind)
    number = models.CharField(max_length=40, db_collation=PLAIN)
    issued_date = models.DateField()
    currency = models.CharField(max_length=3)
    total_minor = models.BigIntegerField()
    open_minor = models.BigIntegerField()  # zero: used up
    version = models.BigIntegerField(default=1)  # goes up when the open amount changes
    synced_at = models.DateTimeField()

    wall = "customer_account_id"

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                "organization", "legal_entity", "erp_id", name="credit_once_per_erp_id"
            ),
            CheckConstraint(
                name="credit_within_its_total",
                condition=Q(open_minor__gte=0, open_minor__lte=F("total_minor")),
            ),
        ]
        indexes: ClassVar = [
            Index(
                "organization", "customer_account", "issued_date", name="credit_open_by_account",
                condition=Q(open_minor__gt=0),
            ),
            Index(
                "organization", "customer_account", "issued_date", "id", name="credit_by_account"
            ),
        ]  # fmt: skip

    @property
    def open_amount(self) -> Money:
        """What the ERP says can still be used."""
        return Money(self.open_minor, self.currency)
