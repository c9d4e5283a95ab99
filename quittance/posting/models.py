"""What the ERP must be told, line by line, and what it said."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint

from quittance.core.money import Money
from quittance.tenancy.models import LegalEntity, OrganizationScoped
from quittance.tenancy.walls import STAFF


class ErpPosting(OrganizationScoped):
    """One entry of money in the ERP. Its lines are fixed when it is made."""

    class Status(models.TextChoices):
        QUEUED = "queued"  # we: tell the ERP
        SENDING = "sending"  # we: a worker is talking to the ERP
        UNKNOWN = "unknown"  # we: ask the ERP what it did
        DRAFTED = "drafted"  # we: the lines lie in the ERP, let it post them
        POSTED = "posted"  # we: read back
        CONFIRMED = "confirmed"  # nobody
        REJECTED = "rejected"  # the AR team: mend the cause and retry, or book it otherwise
        BY_HAND = "by_hand"  # the AR team: do ``steps`` in the ERP; we watch its ledger
        HANDLED = "handled"  # nobody: a person says that it is booked, with a note
        REPLACED = "replaced"  # nobody: a later posting of the same source stands for it

    class Kind(models.TextChoices):
        PAYMENT = "payment"  # money came
        REVERSAL = "reversal"  # money went back
        APPLICATION = "application"  # open credit pays invoices; no money moves

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, db_constraint=False, db_index=False
    )
    # Plain values of the rooms above: this room knows no payment and no customer.
    customer_account_id = models.UUIDField()
    source_kind = models.CharField(max_length=20, choices=Kind)
    source_id = models.UUIDField()
    ordinal = models.PositiveSmallIntegerField(
        default=1, db_default=1
    )  # the later one stands for the earlier
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    document_number = models.CharField(max_length=20)
    external_reference = models.CharField(max_length=35, blank=True)
    reverses = models.CharField(
        max_length=20, blank=True, db_default=""
    )  # the document that is taken back
    customer_erp_id = models.CharField(max_length=64)
    customer_number = models.CharField(max_length=40, blank=True, db_default="")
    posting_date = models.DateField()
    description = models.CharField(max_length=100)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    erp_entries = models.CharField(max_length=500, blank=True)  # the ERP's entry numbers
    rejection = models.CharField(max_length=1000, blank=True)  # in the ERP's own words
    remark = models.CharField(max_length=1000, blank=True)  # posted all the same, but look at it
    facts = models.JSONField(
        default=dict, db_default={}
    )  # what a reversal's instruction says besides
    # Where it is booked, decided when it was put in line: see route.py.
    route = models.JSONField(default=dict, db_default={})
    steps = models.JSONField(
        default=list, db_default=[]
    )  # what a person does in the ERP, in its own words
    note = models.CharField(
        max_length=500, blank=True, db_default=""
    )  # of the person who handled it
    failures = models.PositiveIntegerField(default=0)  # tries in a row that ended in no answer
    created_at = models.DateTimeField(auto_now_add=True)
    last_sent_at = models.DateTimeField(null=True)  # before this moment nothing is under way
    # When its lines were read back in a journal that others use: from then on only a person has
    # them laid again. Empty for a payment with a journal of its own.
    laid_at = models.DateTimeField(null=True)
    posted_at = models.DateTimeField(null=True)
    tidied_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)  # when the ERP's ledger was last compared
    vanished_at = models.DateTimeField(null=True)  # when it was found gone or taken back there
    next_at = models.DateTimeField(null=True)  # when the sweep looks again; null: never
    lease_until = models.DateTimeField(null=True)
    fence = models.BigIntegerField(default=0)  # every worker that takes the posting raises it

    wall = "customer_account_id"

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                "organization",
                "source_kind",
                "source_id",
                "customer_account_id",
                "ordinal",
                name="posting_once_per_source_and_account",
            ),
            UniqueConstraint(
                "organization", "legal_entity", "document_number", name="posting_once_per_document"
            ),
            CheckConstraint(name="posting_amount_positive", condition=Q(amount_minor__gt=0)),
            CheckConstraint(
                name="posting_rejection_has_words",
                condition=~Q(status="rejected") | ~Q(rejection=""),
            ),
            CheckConstraint(
                name="posting_handled_with_a_note",
                condition=~Q(status="handled") | ~Q(note=""),
            ),
        ]
        indexes: ClassVar = [
            Index("organization", "status", "created_at", name="posting_by_status"),
            Index("organization", "id", name="posting_remarked", condition=~Q(remark="")),
            Index("organization", "source_id", name="posting_by_source"),
            Index(
                "organization", "legal_entity", "verified_at", name="posting_to_verify",
                condition=Q(status="confirmed", source_kind="payment"),
            ),
        ]  # fmt: skip

    @property
    def amount(self) -> Money:
        """What is posted in all."""
        return Money(self.amount_minor, self.currency)


class ErpPostingLine(OrganizationScoped):
    """One invoice that a posting pays, wholly or in part; without one: money on account."""

    posting = models.ForeignKey(
        ErpPosting, models.PROTECT, db_constraint=False, db_index=False, related_name="lines"
    )
    customer_account_id = models.UUIDField()
    line_number = models.PositiveIntegerField()
    invoice_erp_id = models.CharField(max_length=64, blank=True)
    invoice_number = models.CharField(max_length=40, blank=True)
    amount_minor = models.BigIntegerField()
    # What the payer took off for paying early, besides the amount.
    discount_minor = models.BigIntegerField(default=0, db_default=0)
    # Of an application only: which credit, and what was open on both when the payer confirmed.
    credit_erp_id = models.CharField(max_length=64, blank=True, db_default="")
    credit_number = models.CharField(max_length=40, blank=True, db_default="")
    credit_open_minor = models.BigIntegerField(null=True)
    invoice_open_minor = models.BigIntegerField(null=True)

    wall = "customer_account_id"

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "posting", "line_number", name="posting_line_once"),
            CheckConstraint(name="posting_line_positive", condition=Q(amount_minor__gt=0)),
        ]


class PostingGate(OrganizationScoped):
    """Whether postings of one legal entity may go to its ERP at this moment. None: they may."""

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, db_constraint=False, db_index=False
    )
    wait_until = models.DateTimeField(null=True)  # the ERP asked for it, or takes no credentials
    wait_because = models.CharField(max_length=500, blank=True)
    stopped_at = models.DateTimeField(null=True)  # until a person of the AR team releases it
    stopped_because = models.CharField(max_length=500, blank=True)
    ledger_position = models.TextField(blank=True)  # what is done by hand was looked for up to here

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "legal_entity", name="posting_gate_once"),
            CheckConstraint(
                name="posting_gate_stopped_for_a_reason",
                condition=Q(stopped_at__isnull=True) | ~Q(stopped_because=""),
            ),
        ]


class Correction(OrganizationScoped):
    """What one person wants done about a large posting; a second one confirms it first."""

    class Act(models.TextChoices):
        HANDLE = "handle"  # it is booked in the ERP otherwise
        UNDO = "undo"  # it is not, after all
        ALLOCATE = "allocate"  # to other invoices, or on account

    class Outcome(models.TextChoices):
        WAITS = ""
        DONE = "done"
        WITHDRAWN = "withdrawn"

    posting = models.ForeignKey(
        ErpPosting, models.PROTECT, db_constraint=False, db_index=False, related_name="corrections"
    )
    act = models.CharField(max_length=10, choices=Act)
    lines = models.JSONField(default=list)  # [invoice id, minor units], of ``ALLOCATE``
    note = models.CharField(max_length=500)
    asked_by = models.CharField(max_length=100)  # an actor: "user:<id>"
    asked_at = models.DateTimeField(auto_now_add=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    ended_by = models.CharField(max_length=100, blank=True)
    ended_at = models.DateTimeField(null=True)

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                "organization", "posting", name="correction_one_waits", condition=Q(outcome="")
            ),
            CheckConstraint(
                name="correction_done_by_a_second_person",
                condition=~Q(outcome="done") | ~Q(ended_by=models.F("asked_by")),
            ),
        ]
