"""Double entries: where the money is."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint

from quittance.tenancy.models import OrganizationScoped
from quittance.tenancy.walls import STAFF


class LedgerTransaction(OrganizationScoped):
    """One movement of money, with a key so that it is recorded once. Never changed."""

    key = models.CharField(max_length=100)
    description = models.CharField(max_length=200)
    recorded_at = models.DateTimeField(auto_now_add=True)

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "key", name="ledger_transaction_once_per_key")
        ]


class LedgerEntry(OrganizationScoped):
    """One side of a movement: above zero is a debit, below zero a credit. Never changed."""

    transaction = models.ForeignKey(
        LedgerTransaction,
        models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="entries",
    )
    account = models.CharField(max_length=100)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            CheckConstraint(name="ledger_entry_not_zero", condition=~Q(amount_minor=0))
        ]
        indexes: ClassVar = [
            Index("organization", "account", "currency", name="ledger_entry_by_account"),
            Index("organization", "transaction", name="ledger_entry_by_transaction"),
        ]
