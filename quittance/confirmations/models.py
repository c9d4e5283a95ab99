"""Which acts of the seller's people want a second one's word, and what was asked and decided."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint
from django.db.models.functions import Now

from quittance.identity.models import User
from quittance.tenancy.models import OrganizationScoped
from quittance.tenancy.walls import EVERYBODY, STAFF

ALIVE = ("asked", "confirmed")  # what was asked for may still be done


class Kind(models.TextChoices):
    """What can want a second person's word. Source: security.md, Z5."""

    BANK_ACCOUNTS = "bank_accounts"  # to which buyers are told to pay
    CREDENTIALS = "credentials"  # and addresses of gateways and ERPs
    DOMAINS = "domains"  # that are the organization's own, or vouched for by a provider
    VISITS = "visits"  # to look at the portal as a customer
    RULES = "rules"  # to want it no more


class SecondPersonRule(OrganizationScoped):
    """Whether acts of one kind want a second person. Without a row they do not.

    Every kind has one but ``RULES``: that one holds while any other does.
    """

    kind = models.CharField(max_length=20)  # a word of Kind
    is_on = models.BooleanField()
    changed_at = models.DateTimeField(db_default=Now())

    wall = EVERYBODY  # the database asks it whoever acts, and there is no secret in it

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "kind", name="second_person_rule_once"),
            CheckConstraint(
                name="second_person_rule_of_an_act",
                condition=~Q(kind="rules"),
            ),
        ]


class Confirmation(OrganizationScoped):
    """One act that somebody asked for. What it is never changes; its secrets go when it ends."""

    class Status(models.TextChoices):
        ASKED = "asked"  # another person: confirm or refuse
        CONFIRMED = "confirmed"  # who asked: do it, once
        DONE = "done"  # nobody: it was done
        REFUSED = "refused"  # nobody: another person said no, and why
        WITHDRAWN = "withdrawn"  # nobody: who asked took it back
        EXPIRED = "expired"  # nobody: its days were over

    kind = models.CharField(max_length=20)  # a word of Kind
    about = models.CharField(max_length=120)  # of what it is: only one waits at a time
    subject_id = models.UUIDField(null=True)  # the row that it changes; null: a new one
    customer_account_id = models.UUIDField(null=True)  # whom it is about; null: no customer
    title = models.CharField(max_length=200)
    shown = models.JSONField(default=list)  # what pages show: [what, before, after]; no secrets
    # What was asked for, sealed for this row; b"" once it ended. ``fingerprint`` is its SHA-256,
    # with a salt that is sealed with it: so it tells nothing of a secret.
    sealed = models.BinaryField()
    fingerprint = models.CharField(max_length=64)
    status = models.CharField(max_length=10, choices=Status, default=Status.ASKED)
    asked_by = models.ForeignKey(
        User, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    note = models.CharField(max_length=300, blank=True)  # of who asked
    decided_by = models.ForeignKey(
        User, models.PROTECT, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)  # of a refusal
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                "organization", "about", name="confirmation_one_alive",
                condition=Q(status__in=ALIVE),
            ),
            CheckConstraint(
                name="confirmation_by_another",
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")),
            ),
            CheckConstraint(
                name="confirmation_decided",
                condition=~Q(status__in=["confirmed", "done", "refused"])
                | Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
            CheckConstraint(
                name="confirmation_in_time",
                condition=~Q(status__in=["confirmed", "done"])
                | Q(decided_at__lte=F("expires_at")),
            ),
            CheckConstraint(
                name="confirmation_ends_without_secrets",
                condition=(Q(status__in=ALIVE) & ~Q(sealed=b""))
                | (~Q(status__in=ALIVE) & Q(sealed=b"")),
            ),
        ]  # fmt: skip
        indexes: ClassVar = [
            Index("organization", "status", "kind", name="confirmations_that_wait"),
            Index("organization", "created_at", "id", name="confirmations_by_time"),
        ]

    @property
    def is_alive(self) -> bool:
        """Whether somebody has a next move."""
        return self.status in ALIVE

    def is_over(self, now: datetime) -> bool:
        """Whether its days are over, whatever its status says."""
        return now >= self.expires_at
