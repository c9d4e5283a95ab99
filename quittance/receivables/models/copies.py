"""Copies of documents that are dear to ask for."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Index, UniqueConstraint

from quittance.receivables.models.mirror import PLAIN, CustomerAccount, Invoice
from quittance.tenancy.models import OrganizationScoped


class InvoicePdf(OrganizationScoped):
    """The ERP's print of one version of an invoice: it renders it anew for each call, slowly."""

    customer_account = models.ForeignKey(
        CustomerAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    invoice = models.ForeignKey(Invoice, models.CASCADE, db_constraint=False, db_index=False)
    version = models.CharField(max_length=200, db_collation=PLAIN)  # the ERP's, of the invoice
    content = models.BinaryField()
    size_bytes = models.IntegerField()
    used_at = models.DateTimeField()  # to the hour

    wall = "customer_account_id"

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "invoice", name="invoice_pdf_once")
        ]
        indexes: ClassVar = [Index("organization", "used_at", name="invoice_pdf_by_use")]
