"""What was done, by whom, and every change of a status."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Index

from quittance.tenancy.models import OrganizationScoped
from quittance.tenancy.walls import STAFF


class StatusChange(OrganizationScoped):
    """One step in the life of a payment, an attempt or a posting; written by a trigger only."""

    sequence = models.BigIntegerField()  # from a sequence of the database: the order of events
    subject_kind = models.CharField(max_length=20)  # "payment", "attempt", "posting"
    subject_id = models.UUIDField()
    customer_account_id = models.UUIDField(null=True)
    from_status = models.CharField(max_length=20)
    to_status = models.CharField(max_length=20)
    cause = models.CharField(max_length=200)
    actor = models.CharField(max_length=100)
    happened_at = models.DateTimeField()

    wall = "customer_account_id"

    class Meta:
        indexes: ClassVar = [
            Index("organization", "subject_id", "sequence", name="status_change_of_subject"),
            BrinIndex(fields=["happened_at"], name="status_change_by_time"),
        ]


class AuditEvent(OrganizationScoped):
    """Something that a person did. Never changed, never deleted."""

    happened_at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=100)
    what = models.CharField(max_length=60)
    subject_id = models.UUIDField(null=True)
    facts = models.JSONField(default=dict)

    wall = STAFF

    class Meta:
        indexes: ClassVar = [
            Index("organization", "subject_id", "happened_at", name="audit_event_of_subject"),
            Index("organization", "what", "happened_at", name="audit_event_by_what"),
        ]
