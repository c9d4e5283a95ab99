"""The outbox: what must be told to whom, written in the transaction that made it true."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Index, Q, UniqueConstraint

from quittance.identity.models import User
from quittance.tenancy.models import OrganizationScoped
from quittance.tenancy.walls import STAFF


class Message(OrganizationScoped):
    """A mail to one person. At least once is sent, with one Message-ID, so a reader sees one."""

    key = models.CharField(max_length=100)  # what it is about, so that nobody is told twice
    kind = models.CharField(max_length=40)
    to = models.CharField(max_length=254)
    facts = models.JSONField(default=dict)  # what the words need; emptied once sent
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    account_id = models.UUIDField(null=True)  # of the customer account that it is about
    withheld_at = models.DateTimeField(null=True)  # the receiver did not want it

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "key", name="message_once_per_key")
        ]
        indexes: ClassVar = [
            Index("organization", "next_at", name="message_due", condition=Q(sent_at__isnull=True))
        ]


class Unwanted(OrganizationScoped):
    """A person does not want mails of this topic about this customer account."""

    class Topic(models.TextChoices):
        RECEIPTS = "receipts"
        REMINDERS = "reminders"
        FILES = "files"

    user = models.ForeignKey(User, models.CASCADE, db_constraint=False, db_index=False)
    customer_account = models.ForeignKey(
        "receivables.CustomerAccount", models.CASCADE, db_constraint=False, db_index=False
    )
    topic = models.CharField(max_length=20, choices=Topic)

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                "organization", "user", "customer_account", "topic", name="unwanted_once"
            )
        ]
