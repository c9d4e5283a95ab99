"""What was done, by whom, and every change of a status."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Index, UniqueConstraint

from quittance.tenancy.models import OrganizationScoped
from quittance.tenancy.walls import EVERYBODY, STAFF


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
    """Something that a person or a job did. Never changed, never deleted.

    The database gives it a place in its organization's chain when the act is committed.
    """

    happened_at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=100)  # "user:<id>", "pay-link:<id>", or a job's name
    # None of these has a ``db_default``: Django would read it back, and a buyer may not.
    on_behalf_of = models.CharField(max_length=100, blank=True, default="")
    customer_account_id = models.UUIDField(null=True)  # for which customer
    what = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=40, blank=True, default="")
    subject_id = models.UUIDField(null=True)
    # Where from; "" for jobs and commands.
    address = models.CharField(max_length=45, blank=True, default="")
    browser = models.CharField(max_length=200, blank=True, default="")
    request_id = models.CharField(max_length=36, blank=True, default="")
    facts = models.JSONField(default=dict)

    wall = STAFF

    class Meta:
        indexes: ClassVar = [
            Index("organization", "subject_id", "happened_at", name="audit_event_of_subject"),
            Index("organization", "what", "happened_at", name="audit_event_by_what"),
            Index("organization", "actor", "happened_at", name="audit_event_by_actor"),
            Index("organization", "happened_at", "id", name="audit_event_by_time"),
        ]


class ChainLink(OrganizationScoped):
    """The place of an event in its organization's chain. Its id is the event's.

    Written by the database alone, under a lock that lasts from the end of a commit to its very end:
    so places have no gaps, and nobody's act can choose its own.
    """

    place = models.BigIntegerField()  # 1, 2, 3 ...
    form = models.SmallIntegerField()  # which bytes of an event are hashed: chain.py
    chained_at = models.DateTimeField()  # by the database's clock
    hash = models.BinaryField()  # SHA-256 of the hash before and the event's bytes

    wall = EVERYBODY  # a place and a hash: they say nothing of the event

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "place", name="chain_link_once_per_place")
        ]
