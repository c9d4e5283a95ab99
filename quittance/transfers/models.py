"""The seller's bank accounts, transfers that payers announced, and what came on the accounts."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint

from quittance.connections.models import GatewayAccount
from quittance.core.money import Money
from quittance.identity.models import User
from quittance.payments.models import Payment
from quittance.receivables.models import CustomerAccount, Invoice
from quittance.tenancy.models import LegalEntity, OrganizationScoped
from quittance.tenancy.walls import EVERYBODY, STAFF


class BankAccount(OrganizationScoped):
    """An account of the seller at a bank, to which customers send money."""

    class BookedBy(models.TextChoices):
        ERP = "erp"  # its own bank reconciliation; nothing is posted from here
        PORTAL = "portal"  # from bank statements that are read here

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, db_constraint=False, db_index=False
    )
    # Where our ledger keeps what came on it. It is switched off: a bank is asked nothing.
    gateway_account = models.ForeignKey(
        GatewayAccount, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    owner = models.CharField(max_length=70)
    street = models.CharField(max_length=70, blank=True)
    building = models.CharField(max_length=16, blank=True)
    postal_code = models.CharField(max_length=16, blank=True)
    town = models.CharField(max_length=35, blank=True)
    country = models.CharField(max_length=2, blank=True)
    iban = models.CharField(max_length=34, blank=True)  # without spaces
    number = models.CharField(max_length=34, blank=True)  # where there are no IBANs
    bank_code = models.CharField(max_length=35, blank=True)  # beside ``number``: a routing number
    bic = models.CharField(max_length=11, blank=True)
    bank_name = models.CharField(max_length=70)
    currency = models.CharField(max_length=3)
    booked_by = models.CharField(max_length=10, choices=BookedBy)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    wall = EVERYBODY  # it stands on every invoice

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                "organization", "legal_entity", "currency", name="bank_account_one_for_each",
                condition=Q(is_active=True),
            ),
            UniqueConstraint(
                "organization", "iban", "number", "bank_code", "currency",
                name="bank_account_once",
            ),
            CheckConstraint(
                name="bank_account_has_one_number",
                condition=(Q(iban="") & ~Q(number="")) | (~Q(iban="") & Q(number="")),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.bank_name} {self.masked} {self.currency}"

    @property
    def masked(self) -> str:
        """The number for lists: its end only."""
        return f"••{(self.iban or self.number)[-4:]}"


class Announcement(OrganizationScoped):
    """A transfer that a payer has said to make. It reserves nothing."""

    class Status(models.TextChoices):
        ANNOUNCED = "announced"  # the payer: they tell their bank
        MATCHED = "matched"  # nobody: the money came and is booked, see the entry's payment
        SETTLED = "settled"  # nobody: its invoices are paid in the ERP
        CANCELLED = "cancelled"  # nobody: the payer took it back
        LAPSED = "lapsed"  # nobody: no money came in a long time

    number = models.CharField(max_length=20)  # what people call it
    reference = models.CharField(max_length=25)  # ISO 11649
    customer_account = models.ForeignKey(
        CustomerAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    user = models.ForeignKey(User, models.PROTECT, db_constraint=False, db_index=False)
    bank_account = models.ForeignKey(
        BankAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    basket_id = models.UUIDField()  # what it was made of; its key
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=10, choices=Status, default=Status.ANNOUNCED)
    payment = models.ForeignKey(  # that the money became
        Payment, models.PROTECT, db_constraint=False, db_index=False, null=True
    )
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    wall = "customer_account_id"

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "number", name="announcement_once_per_number"),
            UniqueConstraint("organization", "reference", name="announcement_once_per_reference"),
            UniqueConstraint("organization", "basket_id", name="announcement_once_per_basket"),
            CheckConstraint(name="announcement_positive", condition=Q(amount_minor__gt=0)),
        ]
        indexes: ClassVar = [
            Index(
                "organization", "customer_account", "created_at", name="announcement_by_account"
            ),
            Index(
                "organization", "bank_account", "amount_minor", name="announcement_open",
                condition=Q(status="announced"),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number

    @property
    def amount(self) -> Money:
        """What the payer said to transfer."""
        return Money(self.amount_minor, self.currency)


class AnnouncedLine(OrganizationScoped):
    """How much of an announced transfer is for one invoice."""

    customer_account = models.ForeignKey(
        CustomerAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    announcement = models.ForeignKey(
        Announcement, models.PROTECT, db_constraint=False, db_index=False, related_name="lines"
    )
    invoice = models.ForeignKey(Invoice, models.PROTECT, db_constraint=False, db_index=False)
    amount_minor = models.BigIntegerField()
    reason = models.CharField(max_length=20, blank=True)  # why it is less than what is open
    open_seen_minor = models.BigIntegerField()

    wall = "customer_account_id"

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "announcement", "invoice", name="announced_line_once"),
            CheckConstraint(name="announced_line_positive", condition=Q(amount_minor__gt=0)),
        ]
        indexes: ClassVar = [
            Index("organization", "invoice", name="announced_line_by_invoice"),
        ]

    @property
    def amount(self) -> Money:
        """How much of the transfer is for this invoice."""
        return Money(self.amount_minor, self.invoice.currency)


class BankStatement(OrganizationScoped):
    """A file of the bank that was read."""

    bank_account = models.ForeignKey(
        BankAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    statement_id = models.CharField(max_length=200, blank=True)  # the bank's own
    lines = models.PositiveIntegerField()  # all that it has
    news = models.PositiveIntegerField()  # those that were not there before
    read_at = models.DateTimeField(auto_now_add=True)
    read_by = models.CharField(max_length=100)

    wall = STAFF

    class Meta:
        indexes: ClassVar = [
            Index("organization", "bank_account", "read_at", name="bank_statement_by_date"),
        ]


class BankEntry(OrganizationScoped):
    """One movement on the seller's bank account, as the bank or a clerk told it."""

    class Status(models.TextChoices):
        WAITING = "waiting"  # the clerk, unless it fits by itself
        MATCHED = "matched"  # nobody: it is booked as a payment
        SET_ASIDE = "set_aside"  # nobody: the clerk says that it is booked elsewhere, or not ours

    bank_account = models.ForeignKey(
        BankAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    statement = models.ForeignKey(  # null: a clerk typed it
        BankStatement, models.PROTECT, db_constraint=False, db_index=False, null=True
    )
    key = models.CharField(max_length=64)  # the same movement in another file has the same
    booked_date = models.DateField()
    amount_minor = models.BigIntegerField()  # below zero: it went away
    currency = models.CharField(max_length=3)
    payer = models.CharField(max_length=140, blank=True)
    payer_account = models.CharField(max_length=34, blank=True)
    references = models.JSONField(default=list)  # that the bank gives as such
    text = models.CharField(max_length=1000, blank=True)
    bank_reference = models.CharField(max_length=100, blank=True)
    problem = models.CharField(max_length=500, blank=True)  # in the file; "" when it is all right
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    looked_at = models.DateTimeField(null=True)  # when a match was looked for; null: not yet
    why = models.CharField(max_length=500, blank=True)  # it does not fit by itself
    customer_account = models.ForeignKey(  # whose money it is; null until it is booked
        CustomerAccount, models.PROTECT, db_constraint=False, db_index=False, null=True
    )
    announcement = models.ForeignKey(  # which one it is, or may be
        Announcement, models.PROTECT, db_constraint=False, db_index=False, null=True,
        related_name="entries",
    )  # fmt: skip
    payment = models.ForeignKey(
        Payment, models.PROTECT, db_constraint=False, db_index=False, null=True
    )
    note = models.CharField(max_length=500, blank=True)
    decided_by = models.CharField(max_length=100, blank=True)  # "": it fitted by itself
    created_at = models.DateTimeField(auto_now_add=True)

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "bank_account", "key", name="bank_entry_once"),
            CheckConstraint(name="bank_entry_moves", condition=~Q(amount_minor=0)),
            CheckConstraint(
                name="bank_entry_matched_has_a_payment",
                condition=~Q(status="matched") | Q(payment__isnull=False),
            ),
            UniqueConstraint(
                "organization", "payment", name="bank_entry_one_for_each_payment",
                condition=Q(payment__isnull=False),
            ),
        ]  # fmt: skip
        indexes: ClassVar = [
            Index(
                "organization", "booked_date", "id", name="bank_entry_waiting",
                condition=Q(status="waiting"),
            ),
            Index("organization", "payer_account", name="bank_entry_by_payer"),
        ]  # fmt: skip

    @property
    def amount(self) -> Money:
        """What came; below zero when it went away."""
        return Money(self.amount_minor, self.currency)
