"""What an organization wants of newcomers, whose mailbox was proven, and who asked to come in."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint
from django.db.models.functions import Lower

from quittance.identity.models import User
from quittance.identity.permissions import BuyerRole
from quittance.receivables.models import CustomerAccount
from quittance.tenancy.models import OrganizationScoped
from quittance.tenancy.walls import EVERYBODY, STAFF

ROLES = (BuyerRole.VIEW, BuyerRole.PAY)  # what a newcomer may become: never who decides


class ArrivalRules(OrganizationScoped):
    """What an organization has decided about newcomers. Without a row nobody comes in this way."""

    class AtOnce(models.TextChoices):
        NOBODY = "nobody"  # everybody waits for a yes
        KNOWN = "known"  # whose mailbox the ERP has for the customer; others wait
        ANYBODY = "anybody"  # who knows the facts

    is_open = models.BooleanField(default=False)
    at_once = models.CharField(max_length=10, choices=AtOnce, default=AtOnce.NOBODY)
    role = models.CharField(max_length=20, choices=BuyerRole, default=BuyerRole.VIEW)
    invoices = models.PositiveSmallIntegerField(default=1)  # to be named, each with its amount
    recent_days = models.PositiveSmallIntegerField(default=90)  # how old an invoice may be

    wall = EVERYBODY

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", name="arrival_rules_once"),
            CheckConstraint(name="arrival_role_is_small", condition=Q(role__in=ROLES)),
            CheckConstraint(
                name="arrival_wants_facts",
                condition=Q(invoices__range=(1, 2), recent_days__range=(30, 365)),
            ),
        ]


class Mailbox(OrganizationScoped):
    """A code that was mailed to somebody who wants to come in, and whether it came back."""

    email = models.CharField(max_length=254)  # lower case
    code_hash = models.CharField(max_length=64)
    browser_hash = models.CharField(max_length=64)
    wrong_tries = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()  # of the code; proven, of what it opened
    proven_at = models.DateTimeField(null=True)

    wall = STAFF

    class Meta:
        constraints: ClassVar = [
            CheckConstraint(name="mailbox_lower_case", condition=Q(email=Lower("email"))),
        ]
        indexes: ClassVar = [Index("organization", "expires_at", name="mailboxes_over")]


class JoinRequest(OrganizationScoped):
    """Somebody who knew an account's invoices asks to act for it."""

    class Status(models.TextChoices):
        ASKED = "asked"  # the seller's team, or who administers the account: say yes or no
        LET_IN = "let_in"  # nobody
        REFUSED = "refused"  # nobody: ``reason`` says why
        EXPIRED = "expired"  # nobody said anything: the newcomer may ask again

    customer_account = models.ForeignKey(
        CustomerAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    email = models.CharField(max_length=254, blank=True)  # lower case; "": forgotten
    name = models.CharField(max_length=150, blank=True)
    language = models.CharField(max_length=2, blank=True)
    role = models.CharField(max_length=20, choices=BuyerRole)
    known = models.BooleanField()  # the ERP had the mailbox for the customer
    status = models.CharField(max_length=10, choices=Status, default=Status.ASKED)
    reason = models.CharField(max_length=500, blank=True)  # for the newcomer
    owner = models.ForeignKey(  # who of the seller looks after it
        User, models.PROTECT, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    decided_by = models.ForeignKey(  # null: the rules
        User, models.PROTECT, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    wall = "customer_account_id"

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                "organization", "customer_account", "email", name="join_request_waits_once",
                condition=Q(status="asked") & ~Q(email=""),
            ),
            CheckConstraint(name="join_role_is_small", condition=Q(role__in=ROLES)),
            CheckConstraint(name="join_email_lower_case", condition=Q(email=Lower("email"))),
            CheckConstraint(
                name="join_ends_when_decided",
                condition=Q(status="asked") | Q(ended_at__isnull=False),
            ),
            CheckConstraint(
                name="join_refused_with_a_reason",
                condition=~Q(status="refused") | ~Q(reason=""),
            ),
        ]  # fmt: skip
        indexes: ClassVar = [
            Index("organization", "status", "created_at", "id", name="join_by_status"),
            Index("organization", "email", "created_at", name="join_by_email"),
        ]
