"""People who sign in, and what is needed to let them in."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint
from django.db.models.functions import Lower

from quittance.tenancy.models import OrganizationScoped
from quittance.tenancy.walls import STAFF


class User(OrganizationScoped):
    """A person of one organization's portal: a buyer, or one of the organization's own staff.

    The same address at two organizations is two users who know nothing of each other.
    """

    class StaffRole(models.TextChoices):
        NONE = ""  # a buyer
        AUDITOR = "auditor"
        CLERK = "clerk"
        MANAGER = "manager"
        INTEGRATOR = "integrator"
        ADMINISTRATOR = "administrator"

    email = models.CharField(max_length=254)  # lower case
    name = models.CharField(max_length=150)
    password = models.CharField(max_length=128)  # Argon2id; "" means: signs in by code only
    staff_role = models.CharField(max_length=20, choices=StaffRole, blank=True)
    language = models.CharField(max_length=2, blank=True, default="", db_default="")  # as chosen
    # How numbers and days are written: a locale such as "de_CH". "": as the pages' language does.
    formats = models.CharField(max_length=12, blank=True, default="", db_default="")
    # IANA; in it moments are shown. "": that of the seller's books, in which days are always.
    zone = models.CharField(max_length=64, blank=True, default="", db_default="")
    is_active = models.BooleanField(default=True)
    signed_out_at = models.DateTimeField(null=True)  # sessions that began earlier are over
    created_at = models.DateTimeField(auto_now_add=True)

    wall = STAFF
    # Of the session that ``user_of`` was asked about: its end, and to when that can be put off.
    signed_in_until: datetime | None = None
    signed_in_at_longest: datetime | None = None

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint("organization", "email", name="user_once_per_email"),
            CheckConstraint(name="user_email_lower_case", condition=Q(email=Lower("email"))),
        ]

    @property
    def is_staff(self) -> bool:
        """Whether this is one of the organization's own people."""
        return bool(self.staff_role)

    @property
    def initials(self) -> str:
        """Two letters for the round mark."""
        words = self.name.split() or [self.email]
        return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper()


class SignInCode(OrganizationScoped):
    """A code that was mailed: good once, for ten minutes, in the browser that asked for it."""

    user = models.ForeignKey(User, models.CASCADE, db_constraint=False, db_index=False)
    code_hash = models.CharField(max_length=64)
    browser_hash = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
    wrong_tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    wall = STAFF

    class Meta:
        indexes: ClassVar = [Index("organization", "user", "expires_at", name="sign_in_codes")]


class SignInTry(OrganizationScoped):
    """A try to sign in that did not succeed, or a code that was asked for; slows the next down."""

    key_hash = models.CharField(max_length=64)  # of the address tried, or of the caller's network
    tried_at = models.DateTimeField(auto_now_add=True)

    wall = STAFF

    class Meta:
        indexes: ClassVar = [Index("organization", "key_hash", "tried_at", name="sign_in_tries")]


class SignIn(OrganizationScoped):
    """A browser that somebody is, or was, signed in at; the session names its row."""

    user = models.ForeignKey(User, models.CASCADE, db_constraint=False, db_index=False)
    browser = models.CharField(max_length=200, blank=True)  # as it calls itself
    began_at = models.DateTimeField()
    until = models.DateTimeField()  # then it is over, unless the person stays
    ended_at = models.DateTimeField(null=True)

    wall = STAFF

    class Meta:
        indexes: ClassVar = [Index("organization", "user", "until", name="sign_ins")]


class MailChange(OrganizationScoped):
    """A new address that somebody wants; it counts when both the old and the new one confirmed."""

    user = models.ForeignKey(User, models.CASCADE, db_constraint=False, db_index=False)
    email = models.CharField(max_length=254)  # the new one, lower case
    old_hash = models.CharField(max_length=64)  # of the word that was mailed to the old address
    new_hash = models.CharField(max_length=64)
    old_at = models.DateTimeField(null=True)  # when it was confirmed there
    new_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # done, taken back, or followed by another

    wall = STAFF

    class Meta:
        indexes: ClassVar = [Index("organization", "user", "expires_at", name="mail_changes")]
