"""An invoice's dispute, its lines, what both sides said of it, and the organization's rules."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint

from quittance.core.money import Money
from quittance.identity.models import User
from quittance.receivables.models import CustomerAccount, Invoice
from quittance.tenancy.models import OrganizationScoped
from quittance.tenancy.walls import EVERYBODY


class DisputeRules(OrganizationScoped):
    """What an organization has decided about disputes. Without a row the defaults count."""

    class LeavesOut(models.TextChoices):
        PART = "part"  # the disputed part
        INVOICE = "invoice"  # all of a disputed invoice
        NOTHING = "nothing"

    reasons = models.JSONField(default=list)  # words or keys of rules.py, in order; []: all ours
    # Of amounts that are suggested, and of what is charged or asked for by itself.
    leaves_out = models.CharField(max_length=10, choices=LeavesOut, default=LeavesOut.PART)
    closes_itself = models.BooleanField(default=True)  # when the ERP shows what was agreed

    wall = EVERYBODY

    class Meta:
        constraints: ClassVar = [UniqueConstraint("organization", name="dispute_rules_once")]


class InvoiceDispute(OrganizationScoped):
    """A buyer says that an invoice is wrong. No card dispute: see ``payments.Dispute``."""

    class Status(models.TextChoices):
        OPEN = "open"  # the seller: look at it
        WAITING = "waiting"  # the buyer: answer what the seller asked
        ACCEPTED = "accepted"  # the seller: book in the ERP what was agreed
        REJECTED = "rejected"  # nobody: the seller said no, and why
        WITHDRAWN = "withdrawn"  # nobody: the buyer took it back
        CLOSED = "closed"  # nobody: settled in the ERP, or closed with a note

    class Remedy(models.TextChoices):
        NONE = ""
        CREDIT_NOTE = "credit_note"
        NEW_INVOICE = "new_invoice"  # the old one is cancelled
        OTHER = "other"

    number = models.CharField(max_length=20)  # what people call it
    customer_account = models.ForeignKey(
        CustomerAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    invoice = models.ForeignKey(
        Invoice, models.PROTECT, db_constraint=False, db_index=False, related_name="disputes"
    )
    opened_by = models.ForeignKey(
        User, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    owner = models.ForeignKey(  # who of the seller looks after it
        User, models.PROTECT, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    reason = models.CharField(max_length=60)  # a key of rules.py, or the seller's own words
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    amount_minor = models.BigIntegerField()
    agreed_minor = models.BigIntegerField(default=0)  # that the seller accepted
    remedy = models.CharField(max_length=20, choices=Remedy, blank=True)
    currency = models.CharField(max_length=3)
    # The invoice when it was opened, and what payments here had settled of it as the ERP showed.
    open_seen_minor = models.BigIntegerField()
    settled_seen_minor = models.BigIntegerField(default=0)
    # What the ERP has taken off it since, and no payment here explains: it is in question no more.
    fell_minor = models.BigIntegerField(default=0, db_default=0)
    version_seen = models.BigIntegerField()  # of the invoice, when we looked last
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    wall = "customer_account_id"

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "number", name="invoice_dispute_once_per_number"),
            UniqueConstraint(
                "organization", "invoice", name="invoice_dispute_one_alive",
                condition=Q(status__in=["open", "waiting", "accepted"]),
            ),
            CheckConstraint(name="invoice_dispute_positive", condition=Q(amount_minor__gt=0)),
            CheckConstraint(
                name="invoice_dispute_agreed_within_it",
                condition=Q(agreed_minor__gte=0, agreed_minor__lte=F("amount_minor")),
            ),
        ]  # fmt: skip
        indexes: ClassVar = [
            Index(
                "organization", "customer_account", "invoice", name="invoice_dispute_alive",
                condition=Q(status__in=["open", "waiting", "accepted"]),
                include=("currency", "amount_minor", "agreed_minor", "fell_minor", "status"),
            ),
            Index("organization", "invoice", "created_at", name="invoice_dispute_by_invoice"),
            Index("organization", "status", "created_at", "id", name="invoice_dispute_by_status"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number

    @property
    def amount(self) -> Money:
        """What the buyer says is wrong of the invoice."""
        return Money(self.amount_minor, self.currency)

    @property
    def agreed(self) -> Money:
        """How much of it the seller has accepted."""
        return Money(self.agreed_minor, self.currency)

    @property
    def is_alive(self) -> bool:
        """Whether somebody has a next move."""
        return self.status in {self.Status.OPEN, self.Status.WAITING, self.Status.ACCEPTED}

    @property
    def held_minor(self) -> int:
        """How much of the invoice is in question still: after a yes only what was accepted.

        Less what the ERP shows as credited since: it is not owed any more.
        """
        if not self.is_alive:
            return 0
        held = self.agreed_minor if self.status == self.Status.ACCEPTED else self.amount_minor
        return max(0, held - self.fell_minor)


class DisputedLine(OrganizationScoped):
    """How much of one line of the invoice is disputed, tax included; its words as they were."""

    customer_account = models.ForeignKey(
        CustomerAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    dispute = models.ForeignKey(
        InvoiceDispute, models.PROTECT, db_constraint=False, db_index=False, related_name="lines"
    )
    sequence = models.IntegerField(null=True)  # of the invoice's line; null: no line of its own
    description = models.CharField(max_length=250, blank=True)
    amount_minor = models.BigIntegerField()

    wall = "customer_account_id"

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "dispute", "sequence", name="disputed_line_once"),
            CheckConstraint(name="disputed_line_positive", condition=Q(amount_minor__gt=0)),
        ]

    @property
    def amount(self) -> Money:
        """How much of it is disputed."""
        return Money(self.amount_minor, self.dispute.currency)


class DisputeNote(OrganizationScoped):
    """One step of the conversation, for both sides to read: who did what, and their words."""

    class Act(models.TextChoices):
        SAID = "said"
        OPENED = "opened"
        ASKED = "asked"
        ACCEPTED = "accepted"
        REJECTED = "rejected"
        WITHDRAWN = "withdrawn"
        CLOSED = "closed"
        ERP_FELL = "erp_fell"  # less is owed in the ERP, and no payment here explains it
        ERP_CLOSED = "erp_closed"  # the invoice is closed in the ERP

    customer_account = models.ForeignKey(
        CustomerAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    dispute = models.ForeignKey(
        InvoiceDispute, models.PROTECT, db_constraint=False, db_index=False, related_name="notes"
    )
    act = models.CharField(max_length=12, choices=Act)
    author = models.ForeignKey(  # null: what the ERP shows
        User, models.PROTECT, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    author_name = models.CharField(max_length=150, blank=True)
    by_staff = models.BooleanField(default=False)
    text = models.CharField(max_length=2000, blank=True)
    amount_minor = models.BigIntegerField(null=True)  # accepted, or fallen in the ERP
    created_at = models.DateTimeField(auto_now_add=True)

    wall = "customer_account_id"

    class Meta:
        indexes: ClassVar = [
            Index("organization", "dispute", "created_at", name="dispute_note_in_order"),
            Index("organization", "customer_account", "created_at", name="dispute_note_by_account"),
        ]


class DisputeFile(OrganizationScoped):
    """A file that somebody put to their words. Never shown inside a page, only downloaded."""

    customer_account = models.ForeignKey(
        CustomerAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    dispute = models.ForeignKey(
        InvoiceDispute, models.PROTECT, db_constraint=False, db_index=False, related_name="files"
    )
    note = models.ForeignKey(
        DisputeNote, models.PROTECT, db_constraint=False, db_index=False, related_name="files"
    )
    name = models.CharField(max_length=100)  # without its ending
    kind = models.CharField(max_length=4)  # what its bytes say: "pdf", "png", "jpg"
    size_bytes = models.IntegerField()
    content = models.BinaryField()

    wall = "customer_account_id"

    class Meta:
        indexes: ClassVar = [
            Index("organization", "dispute", name="dispute_file_by_dispute"),
            Index(
                "organization", "customer_account", name="dispute_file_by_account",
                include=("size_bytes",),
            ),
        ]  # fmt: skip
