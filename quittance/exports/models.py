"""Files that somebody asked for: documents in one, and statements of long periods."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint

from quittance.identity.models import User
from quittance.receivables.models import CustomerAccount, Invoice
from quittance.tenancy.models import OrganizationScoped


class Bundle(OrganizationScoped):
    """Documents that one person wants as one file. Nobody else of the customer's sees it.

    It has no status: it is ready when nothing of it waits.
    """

    class Kind(models.TextChoices):
        ZIP = "zip"
        PDF = "pdf"  # one document behind the other

    customer_account = models.ForeignKey(
        CustomerAccount, models.PROTECT, db_constraint=False, db_index=False
    )  # of the first document; others may be of other accounts of the person
    user = models.ForeignKey(User, models.PROTECT, db_constraint=False, db_index=False)
    kind = models.CharField(max_length=3, choices=Kind)
    whole = models.PositiveIntegerField()  # documents, also those that a person sees no more
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()  # then a sweep removes it, with all that is in it
    seen_at = models.DateTimeField(null=True)  # ready, by who asked for it: no mail is needed

    wall = "customer_account_id"

    class Meta:
        indexes: ClassVar = [
            Index("organization", "user", "created_at", name="bundle_by_user"),
            Index("organization", "expires_at", name="bundle_by_end"),
        ]


class BundleDocument(OrganizationScoped):
    """One invoice's print in such a file: it waits, it is here, or it could not be had."""

    class Failure(models.TextChoices):
        NONE = ""
        UNAVAILABLE = "unavailable"  # the ERP did not answer: to be tried again
        REFUSED = "refused"  # it has no print of it
        UNREADABLE = "unreadable"  # it gave something that cannot be put behind another print
        TOO_MUCH = "too_much"  # the file is as large as one may be

    customer_account = models.ForeignKey(
        CustomerAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    user = models.ForeignKey(User, models.PROTECT, db_constraint=False, db_index=False)
    bundle = models.ForeignKey(
        Bundle, models.CASCADE, db_constraint=False, db_index=False, related_name="documents"
    )
    invoice = models.ForeignKey(Invoice, models.CASCADE, db_constraint=False, db_index=False)
    position = models.PositiveIntegerField()
    content = models.BinaryField(null=True)
    size_bytes = models.PositiveIntegerField(default=0)
    failure = models.CharField(max_length=20, choices=Failure, blank=True, default="")

    wall = "customer_account_id"

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "bundle", "invoice", name="bundle_document_once"),
            CheckConstraint(
                name="bundle_document_is_here_or_failed",
                condition=Q(content__isnull=True) | Q(failure=""),
            ),
        ]
        indexes: ClassVar = [
            Index("organization", "bundle", "position", name="bundle_document_in_order")
        ]


class StatementFile(OrganizationScoped):
    """A statement of a long period that one person wants as a file. Nobody else sees it.

    It has no status: it is ready when its content is here, and came to nothing with a failure.
    """

    class Form(models.TextChoices):
        PDF = "pdf"
        CSV = "csv"
        XLSX = "xlsx"

    class Failure(models.TextChoices):
        NONE = ""
        UNAVAILABLE = "unavailable"  # the ERP did not answer: to be tried again
        REFUSED = "refused"  # it does not let us read the ledger; asking again brings the same
        NO_LEDGER = "no_ledger"  # it shows none
        TOO_LONG = "too_long"  # more lines than one PDF takes

    customer_account = models.ForeignKey(
        CustomerAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    user = models.ForeignKey(User, models.PROTECT, db_constraint=False, db_index=False)
    form = models.CharField(max_length=4, choices=Form)
    since = models.DateField(null=True)  # null: from the beginning
    until = models.DateField()
    currency = models.CharField(max_length=3)
    language = models.CharField(max_length=10)  # of who asked: a PDF is written in it
    locale = models.CharField(max_length=20)
    site = models.CharField(max_length=253)  # the host that it was asked for under
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()  # then a sweep removes it
    seen_at = models.DateTimeField(null=True)  # ready, by who asked for it: no mail is needed
    entries = models.PositiveIntegerField(default=0)  # of the ledger, read so far
    lines = models.PositiveIntegerField(default=0)  # of the period, once it is drawn
    fingerprint = models.CharField(max_length=64, blank=True, default="")
    content = models.BinaryField(null=True)
    size_bytes = models.PositiveIntegerField(default=0)
    failure = models.CharField(max_length=20, choices=Failure, blank=True, default="")

    wall = "customer_account_id"

    class Meta:
        constraints: ClassVar = [
            CheckConstraint(
                name="statement_file_is_here_or_failed",
                condition=Q(content__isnull=True) | Q(failure=""),
            ),
            CheckConstraint(
                name="statement_file_here_has_a_fingerprint",
                condition=Q(content__isnull=True) | ~Q(fingerprint=""),
            ),
        ]
        indexes: ClassVar = [
            Index("organization", "user", "created_at", name="statement_file_by_user"),
            Index("organization", "expires_at", name="statement_file_by_end"),
        ]
