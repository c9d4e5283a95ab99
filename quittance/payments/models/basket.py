"""What a buyer is about to pay, before anything is promised."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint, Value

from quittance.identity.models import User
from quittance.receivables.models import Credit, CustomerAccount, Invoice
from quittance.tenancy.models import OrganizationScoped


class Basket(OrganizationScoped):
    """One checkout: kept at each step, good for one payment. Its id is the payment's key.

    It reserves nothing. ``version`` goes up with each change, so that a page that shows an older
    one is told.
    """

    customer_account = models.ForeignKey(
        CustomerAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    user = models.ForeignKey(  # null: a guest with a pay link
        User, models.PROTECT, db_constraint=False, db_index=False, null=True
    )
    pay_link_id = models.UUIDField(null=True)
    payer_name = models.CharField(max_length=150, blank=True, db_default="", default="")
    payer_mail = models.CharField(max_length=254, blank=True, db_default="", default="")
    currency = models.CharField(max_length=3)
    method = models.CharField(max_length=20, blank=True)  # "" until chosen
    gateway_account_id = models.UUIDField(null=True)  # through which; null: the first that takes it
    kept_method_id = models.UUIDField(null=True)  # with which; null: a new one
    version = models.PositiveIntegerField(default=1)
    # Of all its invoices: who pays must act for each. Empty: only ``customer_account``.
    account_ids = models.JSONField(default=list, db_default=Value([], models.JSONField()))
    follows = models.UUIDField(null=True)  # the basket of another currency that is paid before it
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    wall = "customer_account_id"

    class Meta:
        indexes: ClassVar = [
            Index("organization", "customer_account", "created_at", name="basket_by_account"),
            Index(
                "organization", "follows", name="basket_that_follows",
                condition=Q(follows__isnull=False),
            ),
        ]  # fmt: skip


class BasketItem(OrganizationScoped):
    """One invoice in a basket, and how much of it is to be paid."""

    class Reason(models.TextChoices):
        NONE = ""
        IN_PARTS = "in_parts"
        SHORT_SHIPMENT = "short_shipment"
        PRICE = "price"
        DAMAGED = "damaged"
        OTHER = "other"

    customer_account = models.ForeignKey(
        CustomerAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    basket = models.ForeignKey(
        Basket, models.CASCADE, db_constraint=False, db_index=False, related_name="items"
    )
    invoice = models.ForeignKey(Invoice, models.PROTECT, db_constraint=False, db_index=False)
    amount_minor = models.BigIntegerField()  # in money, credit and discount together
    reason = models.CharField(max_length=20, choices=Reason, blank=True)

    wall = "customer_account_id"

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "basket", "invoice", name="basket_item_once"),
            CheckConstraint(name="basket_item_positive", condition=Q(amount_minor__gt=0)),
        ]


class BasketCredit(OrganizationScoped):
    """A credit that the buyer wants to use, and at most how much of it."""

    customer_account = models.ForeignKey(
        CustomerAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    basket = models.ForeignKey(
        Basket, models.CASCADE, db_constraint=False, db_index=False, related_name="credits"
    )
    credit = models.ForeignKey(Credit, models.PROTECT, db_constraint=False, db_index=False)
    amount_minor = models.BigIntegerField()

    wall = "customer_account_id"

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "basket", "credit", name="basket_credit_once"),
            CheckConstraint(name="basket_credit_positive", condition=Q(amount_minor__gt=0)),
        ]
