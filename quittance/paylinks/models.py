"""Links that pay invoices without a sign-in."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint

from quittance.identity.models import User
from quittance.receivables.models import CustomerAccount, Invoice
from quittance.tenancy.models import OrganizationScoped


class PayLink(OrganizationScoped):
    """A capability: whoever has its token may pay its invoices. The token itself is not kept."""

    customer_account = models.ForeignKey(
        CustomerAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    made_by = models.ForeignKey(
        User, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    token_hash = models.CharField(max_length=64)  # SHA-256
    sent_to = models.CharField(max_length=254, blank=True)  # "": the clerk hands it over
    parts = models.BooleanField(default=False)  # a part of an invoice can be paid
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)  # for the last time
    revoked_at = models.DateTimeField(null=True)

    wall = "customer_account_id"

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "token_hash", name="pay_link_once_per_token"),
            CheckConstraint(name="pay_link_ends", condition=Q(expires_at__gt=F("created_at"))),
        ]
        indexes: ClassVar = [
            Index("organization", "created_at", "id", name="pay_link_by_date"),
        ]

    def is_good(self, now: datetime) -> bool:
        """Whether it opens at ``now``."""
        return self.revoked_at is None and now < self.expires_at


class PayLinkInvoice(OrganizationScoped):
    """An invoice that a link pays."""

    customer_account = models.ForeignKey(
        CustomerAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    link = models.ForeignKey(
        PayLink, models.PROTECT, db_constraint=False, db_index=False, related_name="invoices"
    )
    invoice = models.ForeignKey(
        Invoice, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )

    wall = "customer_account_id"

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "link", "invoice", name="pay_link_invoice_once")
        ]
