"""What was found when an invoice was looked at: whether it can be had as an e-invoice."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Index, UniqueConstraint

from quittance.receivables.models import CustomerAccount, Invoice
from quittance.tenancy.models import LegalEntity, OrganizationScoped
from quittance.tenancy.walls import EVERYBODY


class EInvoiceCheck(OrganizationScoped):
    """The last look at one invoice. It counts for the version that was looked at."""

    customer_account = models.ForeignKey(
        CustomerAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, db_constraint=False, db_index=False
    )
    invoice = models.ForeignKey(Invoice, models.CASCADE, db_constraint=False, db_index=False)
    version = models.CharField(max_length=200, blank=True)  # the ERP's, of the invoice
    is_whole = models.BooleanField()  # no rule was broken: it is offered
    broken = models.JSONField(default=list)  # [rule, sentence for the seller], each once
    checked_at = models.DateTimeField()

    wall = "customer_account_id"

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "invoice", name="einvoice_check_once")
        ]
        indexes: ClassVar = [
            Index("organization", "legal_entity", "checked_at", name="einvoice_check_by_books")
        ]


class EInvoiceBooks(OrganizationScoped):
    """A set of books of which an invoice could be had: so others of it probably can, too."""

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, db_constraint=False, db_index=False
    )
    whole_at = models.DateTimeField()  # the last time

    wall = EVERYBODY

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "legal_entity", name="einvoice_books_once")
        ]
