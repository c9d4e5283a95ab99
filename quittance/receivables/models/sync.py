"""How far the ERP was read, what it promised to tell, and what the full comparison found."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Index, UniqueConstraint

from quittance.tenancy.models import LegalEntity, OrganizationScoped
from quittance.tenancy.walls import STAFF


class SyncCursor(OrganizationScoped):
    """How far one stream of one legal entity's ERP was read, and how the last try went."""

    class Stream(models.TextChoices):
        CUSTOMERS = "customers"
        INVOICES = "invoices"
        OPEN_INVOICES = "open_invoices"
        CREDITS = "credits"

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, db_constraint=False, db_index=False
    )
    stream = models.CharField(max_length=20, choices=Stream)
    cursor = models.TextField(blank=True)
    ledger_position = models.TextField(blank=True)  # of the last complete run over open invoices
    first_run_done = models.BooleanField(default=False)
    records_read = models.BigIntegerField(default=0)
    succeeded_at = models.DateTimeField(null=True)  # the mirror holds the ERP's state of then
    failed_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=500, blank=True)  # for staff; "" after a success
    # The reading under way, or the last one that read anything: for people who watch it.
    run_began_at = models.DateTimeField(null=True)
    run_records = models.BigIntegerField(default=0, db_default=0)
    run_page_at = models.DateTimeField(null=True)  # its last page
    expected_records = models.BigIntegerField(null=True)  # by the ERP, when the first run began

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "legal_entity", "stream", name="sync_cursor_once")
        ]


class SyncPart(OrganizationScoped):
    """A part of a stream's first run, read beside the others. All go when the run is done."""

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, db_constraint=False, db_index=False
    )
    stream = models.CharField(max_length=20, choices=SyncCursor.Stream)
    place = models.PositiveSmallIntegerField()
    cursor = models.TextField()
    is_done = models.BooleanField(default=False)

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                "organization", "legal_entity", "stream", "place", name="sync_part_once"
            )
        ]


class HintSubscription(OrganizationScoped):
    """The ERP's promise to tell us of changes, as we found it when we looked last."""

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, db_constraint=False, db_index=False
    )
    resource = models.CharField(max_length=40)  # "customers", "invoices", "ledger"
    erp_id = models.CharField(max_length=200)
    expires_at = models.DateTimeField()
    checked_at = models.DateTimeField()
    lost_at = models.DateTimeField(null=True)  # when we found last that the ERP had forgotten it

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                "organization", "legal_entity", "resource", name="hint_subscription_once"
            )
        ]


class Comparison(OrganizationScoped):
    """One full comparison of the mirror with the ERP: how far it is, and what it found."""

    class Status(models.TextChoices):
        RUNNING = "running"  # also when it broke off: the next run goes on
        DONE = "done"
        HELD = "held"  # done, but too many invoices seem deleted: a person must look

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, db_constraint=False, db_index=False
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.RUNNING)
    cursor = models.TextField(blank=True)
    reached_at = models.DateTimeField(null=True)  # everything changed before it was compared
    ledger_position = models.TextField(blank=True)  # when it began
    began_at = models.DateTimeField()
    page_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    rows = models.BigIntegerField(default=0)  # of the ERP
    expected_rows = models.BigIntegerField(null=True)
    missing = models.BigIntegerField(default=0)  # the ERP had them, the mirror not
    changed = models.BigIntegerField(default=0)
    deleted = models.BigIntegerField(default=0)  # the mirror had them, the ERP not
    meanwhile = models.BigIntegerField(default=0)  # changed while it ran; the pull's business
    findings = models.JSONField(default=list)  # which invoices, the first of each sort
    suspects = models.JSONField(default=list)  # ids of those that seem deleted

    wall = STAFF

    class Meta:
        indexes: ClassVar = [
            Index("organization", "legal_entity", "began_at", name="comparison_latest")
        ]
