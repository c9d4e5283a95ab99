"""The tables that the list reads, as a project without walls would name them."""

from __future__ import annotations

from django.db import models


class Invoice(models.Model):
    """What a row of the list needs."""

    id = models.UUIDField(primary_key=True)
    organization_id = models.UUIDField()
    customer_account_id = models.UUIDField()
    number = models.CharField(max_length=40)
    purchase_order = models.CharField(max_length=80)
    erp_status = models.CharField(max_length=10)
    issued_date = models.DateField()
    due_date = models.DateField()
    currency = models.CharField(max_length=3)
    total_minor = models.BigIntegerField()
    open_minor = models.BigIntegerField()

    class Meta:
        app_label = "reference"
        managed = False
        db_table = "receivables_invoice"

    def __str__(self) -> str:
        return self.number


class User(models.Model):
    """Who is signed in."""

    id = models.UUIDField(primary_key=True)
    email = models.CharField(max_length=254)
    name = models.CharField(max_length=150)
    is_active = models.BooleanField()

    class Meta:
        app_label = "reference"
        managed = False
        db_table = "identity_user"

    def __str__(self) -> str:
        return self.name


class Allocation(models.Model):
    """What is being paid."""

    id = models.UUIDField(primary_key=True)
    organization_id = models.UUIDField()
    invoice = models.ForeignKey(Invoice, models.DO_NOTHING)
    status = models.CharField(max_length=10)
    amount_minor = models.BigIntegerField()

    class Meta:
        app_label = "reference"
        managed = False
        db_table = "payments_allocation"

    def __str__(self) -> str:
        return str(self.id)
